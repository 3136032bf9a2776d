"""What can go wrong on the ground floor.

StorageError
|-- BadDatabaseUrlError     the address names no database we can open
|-- UnavailableError        the database does not answer: busy, full, read-only, gone
|   `-- BrokenDatabaseError     the file is damaged; waiting does not mend it
|-- NewerSchemaError        a newer Foley has written here; an older one must not
|-- NotEmptyError           an import wants an empty database (storage.transfer)
|-- RowsRefusedError        the database does not take what was exported (storage.transfer)
|-- InUseError              a bot is running on the file that is to be replaced (storage.backup)
|-- FileError               a file of an operator's cannot be read or written (storage.new_file)
`-- KnownInteractionError   this interaction already has a job
"""


class StorageError(Exception):
    """Root of what goes wrong in the database; str() is a sentence for the operator."""


class BadDatabaseUrlError(StorageError):
    """The address names no database that Foley can open."""


class UnavailableError(StorageError):
    """The database does not answer or does not take writes; nothing was changed."""


class BrokenDatabaseError(UnavailableError):
    """The database's file is damaged; somebody has to restore it."""


class NewerSchemaError(StorageError):
    """The schema was written by a newer Foley than this one."""


class KnownInteractionError(StorageError):
    """This interaction already has a job: a replayed event, or a second instance was first."""
