"""The production door: ``granian --interface wsgi wsgi:app``. It never loads the demo shop."""

import os

from app import create_app

from giftweb.lifeline import die_with_parent

if "GIFTWEB_SUPERVISED" in os.environ:
    die_with_parent()

app = create_app()
