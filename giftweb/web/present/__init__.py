"""A gift card to hold: its QR code, the card on paper, the pass in a wallet.

Who may see a code is web.access; what a card is worth is giftweb.domain.cards. The modules import
their libraries, so each is imported by the view or the mail that needs it. Door: ``qr.png``,
``paper.draw``.
"""
