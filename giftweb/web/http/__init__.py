"""The parts of a request and a response: headers, errors, fragments, metrics, static files.

Nothing here knows a card or an order. Door: ``htmx`` renders a page or its fragment, ``requests``
reads an address and a form; the rest is installed by ``app.create_app``.
"""
