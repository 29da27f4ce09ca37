"""How values become words: filters, amounts, the audit log's sentences."""
