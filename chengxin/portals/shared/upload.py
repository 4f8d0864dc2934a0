"""A file of any size handed in on a page: straight to disk, and not a byte of a stranger's.

Django's CSRF check looks for its token in the body, so asked first it would take in whatever a stranger sends. Here it is
asked last: the gate has let somebody in by his session and his role, the length is bounded, and the check itself looks
at `Origin` before it reads. Nothing is kept of what it reads until it is content.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from chengxin.portals.shared.headers import MARK, length, too_large

View = Callable[..., HttpResponseBase]
FORM_BYTES: Final = 100_000
"""What the other fields of a form may have beside its file."""
END: Final = "end"
"""The field that stands last in the form: where it is missing, the line broke before all was sent."""


class Straight(FileUploadHandler):
    """Writes the one file of a form to a nameless file of a folder, which is gone with whoever holds it open."""

    file: IO[bytes]  # from the first file on; Django's parser closes it where the line breaks

    def __init__(self, request: HttpRequest, folder: Path) -> None:
        super().__init__(request)
        self._folder = folder
        self._files = 0
        self.is_full = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._files += 1
        if self._files == 1:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 — closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what came of the first file, and pass over any other; a full disk ends the upload."""
        if self._files > 1:
            return
        try:
            self.file.write(raw_data)
        except OSError as full:
            self.is_full = True
            raise StopUpload(connection_reset=True) from full

    def file_complete(self, file_size: int) -> UploadedFile | None:  # type: ignore[type-arg]  # its stubs are generic, it is not
        """Return the file as it came."""
        if self._files > 1:
            return None
        try:
            self.file.seek(0)  # what is still on its way to the disk gets there
        except OSError:
            self.is_full = True
            return None
        return UploadedFile(self.file, self.file_name, self.content_type, file_size, self.charset)

    def close(self) -> None:
        """Let go of the file: whoever wants it has copied it, and half a one is nobody's."""
        if self._files:
            self.file.close()


def takes_a_file(view: View) -> View:
    """Return a view that may be handed a file as large as an intake may be; `behind` a permission, as every view is."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def taking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if length(request) > settings.INTAKE_MAX_BYTES + FORM_BYTES:
            return too_large()
        straight = Straight(request, settings.FILES_DIR)
        request.upload_handlers = [straight]
        try:
            return protected(request, *args, **kwargs)
        finally:
            straight.close()

    setattr(taking, MARK, True)
    return taking


def is_whole(request: HttpRequest) -> bool:
    """Tell whether a form came to its end."""
    return END in request.POST


def disk_was_full(request: HttpRequest) -> bool:
    """Tell whether there was no room for the file."""
    return any(handler.is_full for handler in request.upload_handlers if isinstance(handler, Straight))
