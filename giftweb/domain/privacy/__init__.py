"""What is known of a person: all of it for them to have, and all of it erased (D18).

The figures of the books stay. Door: ``export``, ``erasure``, and ``retention`` for the worker.
"""

from giftweb.domain.privacy import erasure, export, open_orders, people, retention, waiting_files
