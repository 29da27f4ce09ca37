"""Files of gift cards at the desk."""
