"""kill -9 of the web processes under load: nothing acknowledged is lost, nothing happens twice."""

from tests.soak import storms


def run(seconds: int) -> dict[str, int]:
    """A storm, with a killer."""
    return storms.run(seconds, disturb=storms.kill_now_and_then)
