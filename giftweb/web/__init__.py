"""Between Flask and the domain: forms, templates, rights, headers, mails."""
