"""How values become words: filters, countries, the audit log's sentences."""
