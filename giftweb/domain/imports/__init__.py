"""Files of gift cards at the desk: uploaded, mapped, checked and imported by the worker (B8).

How a file is read, and what its cards become, is in ``cards``. Door: ``files`` for the desk, and
``work`` for the worker.
"""

from giftweb.domain.imports import content, files, preview, work
from giftweb.domain.imports.files import Upload, find
