"""The desk's pages, a module a noun.

Who may open which is giftweb.web.access.rights. Door: the ``blueprint`` of each module.
"""
