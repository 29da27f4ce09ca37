"""The verbs, one noun a file: keyword-only arguments, frozen values out."""
