"""How values become words: filters, amounts, the audit log's sentences.

The sentences of refusals are giftweb.errors. Door: ``templating`` for what templates may use,
``amounts`` for money.
"""
