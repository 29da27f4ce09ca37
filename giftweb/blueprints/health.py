"""For whoever watches over the program: is it up, can it work, how is it doing."""

from flask import Blueprint, Response, abort, current_app, jsonify

from giftweb import installation
from giftweb.web.http import metrics

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def process() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """The database answers, its schema is ours, the keys are its own; else 503."""
    found = installation.readiness()
    is_ready = all(found.values())
    words = {part: "ok" if is_well else "failed" for part, is_well in found.items()}
    return jsonify(status="ok" if is_ready else "unavailable", **words), 200 if is_ready else 503


@blueprint.get("/metrics")
def numbers() -> Response:
    """The numbers for Prometheus; to this machine itself, or whoever shows the token."""
    if not metrics.may_be_read(current_app.config["GIFTWEB"].metrics_token):
        abort(403)
    return Response(metrics.text(), mimetype="text/plain; version=0.0.4")
