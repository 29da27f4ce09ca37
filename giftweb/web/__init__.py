"""Between Flask and the domain: forms, templates, rights, headers, mails.

The addresses are giftweb.blueprints; no rule about money is here. Door: its packages.
"""
