"""证明材料: papers and photos that somebody hands in on a page: bounded, drawn anew, kept apart, shown behind the gate.

What an upload was is never kept: each page is drawn as a JPEG in a process of its own (redrawing.py), so that no script,
no place and no device of a camera, and nothing hidden behind a picture gets further than that. Pages lie in a folder of
their own under the digest of their bytes, owner-only, beside no web root; views hand them out one by one.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, Final

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from chengxin.credit.applications import newcomers
from chengxin.ingest import store
from chengxin.people import proofs as papers
from chengxin.people.models import Proof, User
from chengxin.people.owners import ROLE
from chengxin.people.trail import Actor, Refused
from chengxin.portals.shared import redrawing
from chengxin.portals.shared.headers import MARK, length, too_large
from chengxin.portals.shared.upload import FORM_BYTES, is_whole
from chengxin.terms import privacy

PROOF_BYTES: Final = 10_000_000
PROOF_PAGES: Final = redrawing.PAGES
FILES: Final = 10
"""Files that one form may carry."""
AT_ONCE: Final = 2
"""Uploads drawn at a time by one process of the office: each may take a gigabyte for a moment."""
A_DAY: Final = 100
"""Papers that one person of a business hands in a day: more is a program, and each takes room for good."""
PATIENCE: Final = 30
"""Seconds that an upload waits for its turn."""
NAME_LENGTH: Final = 100
STRAY_SECONDS: Final = 24 * 3600
"""So long a page without a paper is left alone: the act that hands it in may be under way."""
SWEPT_AT_ONCE: Final = 500
ACCEPT: Final = "image/jpeg,image/png,image/webp,application/pdf"
"""What the page's file field asks for. An iPhone that is asked for JPEG turns its HEIC pictures into it by itself."""

View = Callable[..., HttpResponseBase]
_turns: Final = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A paper drawn anew: the name of its file, its personal data blotted, and each page as a JPEG."""

    name: str
    pages: tuple[bytes, ...]


def clean(upload: UploadedFile) -> Cleaned:  # type: ignore[type-arg]  # its stubs are generic, it is not
    """Return what was handed in, drawn anew page by page.

    :raises Refused: it is empty, too large, neither picture nor PDF, broken, locked, or does more than lie there.
    """
    if not upload.size:
        raise Refused("这个文件是空的；请重新选择或重新拍照。")
    if upload.size > PROOF_BYTES:
        raise Refused(f"这个文件超过 {PROOF_BYTES // 1_000_000} MB；请压缩，或拍照上传。")
    with _on_disk(upload) as file:
        if not _turns.acquire(timeout=PATIENCE):
            raise Refused("现在上传的人多，没有轮到；请过一分钟再传一次。")
        try:
            pages = redrawing.pages(file)
        except redrawing.Undrawable as fault:
            raise Refused(str(fault)) from fault
        finally:
            _turns.release()
    return Cleaned(_name(upload.name or ""), tuple(pages))


@contextmanager
def _on_disk(upload: UploadedFile) -> Iterator[IO[Any]]:  # type: ignore[type-arg]  # its stubs are generic, it is not
    """Give an upload as a file that another process can read, wherever it was held."""
    with tempfile.TemporaryFile() as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield file


def _name(said: str) -> str:
    printable = "".join(character for character in said if character.isprintable())
    return privacy.blot(printable).strip()[-NAME_LENGTH:] or "没有名称"


def folder() -> Path:
    """Return where the pages are kept: a folder of their own, which the forgetting of sent files does not reach."""
    return Path(settings.FILES_DIR) / "proofs"


def keep(cleaned: Cleaned, *, subject: str, about: str, user: User | None, by: Actor, at: datetime) -> Proof:
    """Keep a paper that was drawn anew, in the caller's transaction: one row, each page under its digest.

    :raises Refused: the disk is full.
    """
    kept = [store.keep(io.BytesIO(page), folder=folder(), limit=2 * redrawing.PAGE_BYTES) for page in cleaned.pages]
    return Proof.objects.create(
        subject=subject,
        about=about,
        name=cleaned.name,
        pages=[page.sha256 for page in kept],
        size=sum(page.size for page in kept),
        user=user,
        by=by.name,
        at=at,
    )


def page_answer(proof: Proof, number: int) -> HttpResponse:
    """Return one page of a paper, counted from one. Who may see it was asked before.

    :raises Http404: it has no such page, or its time is over and it was destroyed.
    """
    if not 1 <= number <= len(proof.pages):
        raise Http404
    try:
        picture = store.place(folder(), proof.pages[number - 1]).read_bytes()
    except FileNotFoundError as gone:
        raise Http404 from gone
    return HttpResponse(
        picture,
        headers={
            "Content-Type": "image/jpeg",
            "Content-Disposition": f'inline; filename="proof-{proof.pk}-{number}.jpg"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def sweep(*, at: datetime, after: timedelta) -> int:
    """Let go of papers whose time is over, and destroy pages that are nobody's; return how many pages.

    A page is nobody's where its paper was let go of, or the act that handed it in came to nothing. Of the folders a share
    is gone through each hour, so that all are within a day.
    """
    papers.forget(at=at, after=after, waited_on=newcomers.waited_on())
    part = at.hour
    old = [
        path
        for place in range(part, 256, 24)
        for path in (folder() / f"{place:02x}").glob("*")
        if at.timestamp() - path.stat().st_mtime > STRAY_SECONDS
    ]
    gone = 0
    for start in range(0, len(old), SWEPT_AT_ONCE):
        of = {path.name: path for path in old[start : start + SWEPT_AT_ONCE]}
        for sha in papers.unnamed(list(of)):
            of[sha].unlink(missing_ok=True)
            gone += 1
    return gone


# ---- Forms that carry papers -------------------------------------------------------------------------------------


class _Several(FileUploadHandler):
    """Writes the files of a form to nameless files, each up to the limit; what is more is passed over and told."""

    def __init__(self, request: HttpRequest, folder: Path) -> None:
        super().__init__(request)
        self._folder = folder
        self._open: list[IO[bytes]] = []
        self._written = 0
        self.is_full = False
        self.over: set[str] = set()
        """The fields of which a file was too large, or one too many."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if len(self._open) >= FILES:
            self.over.add(str(self.field_name))
            raise SkipFile
        self._written = 0
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open.append(tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 — closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._written += len(raw_data)
        if self._written > PROOF_BYTES:
            self.over.add(str(self.field_name))
            raise SkipFile
        try:
            self._open[-1].write(raw_data)
        except OSError as full:
            self.is_full = True
            raise StopUpload(connection_reset=True) from full

    def file_complete(self, file_size: int) -> UploadedFile | None:  # type: ignore[type-arg]  # its stubs are generic, it is not
        file = self._open[-1]
        try:
            file.seek(0)
        except OSError:
            self.is_full = True
            return None
        return UploadedFile(file, self.file_name, self.content_type, file_size, self.charset)

    def close(self) -> None:
        for file in self._open:
            file.close()


def takes_proofs(view: View) -> View:
    """Return a view whose form may carry papers; `behind` a permission, as every view is.

    The length is bounded before a byte is read, and the CSRF check is asked last (see upload.py).
    """

    @wraps(view)
    def whole(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any("\0" in value for _, values in request.POST.lists() for value in values):
            raise BadRequest("a NUL in what was asked")  # the gate looks into no body that may carry files
        return view(request, *args, **kwargs)

    protected = csrf_protect(whole)

    @csrf_exempt
    @wraps(view)
    def taking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if length(request) > FILES * PROOF_BYTES + FORM_BYTES:
            return too_large()
        several = _Several(request, Path(settings.FILES_DIR))
        request.upload_handlers = [several]
        try:
            return protected(request, *args, **kwargs)
        finally:
            several.close()

    setattr(taking, MARK, True)
    return taking


def handed_in(request: HttpRequest, field: str, *, most: int = 1) -> list[Cleaned]:
    """Return the papers that a form carried in a field, drawn anew; none where nothing was chosen.

    The form ends with the hidden field `upload.END`, so that a broken line is noticed.

    :raises Refused: the line broke, the disk is full, there are more than `most` or than a day's, or one cannot be taken
        (see `clean`).
    """
    several = next((one for one in request.upload_handlers if isinstance(one, _Several)), None)
    if several is not None and several.is_full:
        raise Refused("服务器的存储空间不够，文件没有收下；请联系信用办。")
    if not is_whole(request):
        raise Refused("文件没有传完，什么都没有收下；请再传一次。")
    if several is not None and field in several.over:
        raise Refused(f"有文件超过 {PROOF_BYTES // 1_000_000} MB，或一次选了太多；请压缩或少选几个再传。")
    files = request.FILES.getlist(field)
    if len(files) > most:
        raise Refused(f"这里最多上传 {most} 个文件；请少选几个再传。")
    user = getattr(request, "user", None)
    if files and isinstance(user, User) and user.role == ROLE:
        today = Proof.objects.filter(user=user, at__gt=timezone.now() - timedelta(days=1))
        if today.count() + len(files) > A_DAY:
            raise Refused(f"一天最多上传 {A_DAY} 份材料，今天已经到数了；请明天再传。")
    return [clean(file) for file in files if isinstance(file, UploadedFile)]
