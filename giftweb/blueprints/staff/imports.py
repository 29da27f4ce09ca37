"""Files of gift cards from other systems: uploaded, mapped, checked, imported by the worker."""

from flask import Blueprint, Response, jsonify, request, url_for

from giftweb.domain import campaigns, imports
from giftweb.domain.imports.files import Upload
from giftweb.errors import DomainError, Invalid, NotFound
from giftweb.language import gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form
from giftweb.web.forms.imports import MappingForm, PartForm, UploadForm
from giftweb.web.http import errors, htmx, requests

blueprint = Blueprint("imports", __name__, url_prefix="/staff/imports")


@blueprint.route("/", methods=["GET", "POST"])
def index() -> Response:
    """The form that takes a file, and all files there were."""
    form = UploadForm()

    def work() -> Response:
        sent, by = request.files.get("file"), actors.current()
        if not sent or not sent.filename:
            raise Invalid(gettext("Choose a file first."), field="file")
        file_id = imports.files.begin(sent.filename, by=by)
        while data := sent.stream.read(imports.content.PART_BYTES):
            imports.files.add(file_id, data=data, by=by)
        return htmx.redirect_to(_place(imports.files.complete(file_id, by=by)))

    def show(status: int) -> Response:
        page, values = "imports/index.html", {"form": form, "files": imports.files.recent()}
        return htmx.render(page, "imports/_files.html", status=status, **values)

    return pages.action.run(form, work, show)


@blueprint.post("/parts")
def add_part() -> Response:
    """A part of a file that a browser sends piece by piece; what to send the next one with."""
    form, by = PartForm(), actors.current()
    if not form.validate_on_submit():
        return _answer(
            {"problem": gettext("This form has been open too long. Send it again.")}, 422
        )
    try:
        file_id = form.file_id.data or imports.files.begin(form.name.data or "", by=by)
        sent = request.files.get("part")
        if sent:
            imports.files.add(file_id, data=sent.read(), by=by)
        if not form.is_last.data:
            return _answer({"file_id": file_id}, 200)
        return _answer({"href": _place(imports.files.complete(file_id, by=by))}, 200)
    except DomainError as error:
        return _answer({"problem": error.sentence}, errors.status_of(error))


def _answer(values: dict[str, str], status: int) -> Response:
    response = jsonify(values)
    response.status_code = status
    return response


@blueprint.get("/<file_id>")
def show(file_id: str) -> Response:
    """A file in its state: mapped, being checked, checked, imported."""
    upload = _uploaded(file_id)
    return _page(upload, None)


@blueprint.post("/<file_id>/check")
def check(file_id: str) -> Response:
    """Have the worker look through all of the file, as it is mapped now."""
    upload = _uploaded(file_id)
    form = MappingForm.of(upload)

    def work() -> Response:
        mapping = {
            column.heading: requests.posted(f"column-{place}")
            for place, column in enumerate(imports.preview.read(upload).columns)
        }
        imports.files.check(file_id, mapping=mapping, **form.choices)
        return htmx.redirect_to(_place(upload))

    return pages.action.run(form, work, lambda status: _page(upload, form, status=status))


@blueprint.post("/<file_id>/start")
def start(file_id: str) -> Response:
    """Import it. Above a limit it waits for another person."""
    upload = _uploaded(file_id)
    form = Form()

    def work() -> Response:
        def begin() -> str:
            imports.files.start(file_id, by=actors.current())
            return ""

        return htmx.redirect_to(_place(upload), message=pages.action.done_or_waiting(begin))

    return pages.action.run(form, work, lambda status: _page(upload, form, status=status))


@blueprint.post("/<file_id>/discard")
def discard(file_id: str) -> Response:
    """Forget a file that is not imported."""
    upload, form = _uploaded(file_id), Form()

    def work() -> Response:
        imports.files.discard(file_id, by=actors.current())
        return htmx.redirect_to(url_for("imports.index"), message=gettext("Forgotten."))

    return pages.action.run(form, work, lambda status: _page(upload, form, status=status))


def _uploaded(file_id: str) -> Upload:
    """A file whose content is there.

    Raises: NotFound.
    """
    upload = imports.find(file_id)
    if upload.state == "uploading":
        raise NotFound
    return upload


def _place(upload: Upload) -> str:
    return url_for("imports.show", file_id=upload.id)


def _page(upload: Upload, form: Form | None, *, status: int = 200) -> Response:
    waits = imports.files.waits(upload.id)
    is_open = upload.state in imports.files.CHANGEABLE and not waits
    return htmx.render(
        "imports/show.html",
        "imports/_file.html",
        status=status,
        upload=upload,
        form=form,
        mapping=MappingForm.of(upload, campaigns.find_all()) if is_open else None,
        preview=imports.preview.read(upload) if is_open else None,
        columns=imports.files.columns(),
        same=imports.files.same(upload),
        waits=waits,
    )
