"""The part of the admin API by which bundles come from elsewhere, and are taken away."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from runtime.bundle.archive import LARGEST_ARCHIVE
from runtime.clock import MINUTES, SECONDS
from runtime.deploy.uploads import Uploads
from runtime.web.api import Arriving, Endpoint, Parameters
from runtime.web.deployment_answers import Undeployed, Uploaded
from runtime.web.front import Streaming
from runtime.web.streamed import StreamLimits

BODIES = Streaming(
    lambda method, path: method == "PUT" and path.startswith("/api/bundles/"),
    StreamLimits(size=LARGEST_ARCHIVE, time=10 * MINUTES, pause=30 * SECONDS),
)
"""Which requests carry a bundle, and how long the largest one may take over a slow line."""

Who = Annotated[str, Meta(min_length=1, max_length=100)]


class Upload(Parameters, frozen=True, kw_only=True):
    """Names the bundle that is sent, and who sends it."""

    bundle: Annotated[str, Meta(min_length=1, max_length=200)]
    who: Who


class Undeploy(Parameters, frozen=True, kw_only=True):
    """Orders a bundle away."""

    bundle: str
    who: Who


def upload_rows(uploads: Uploads) -> tuple[Endpoint, ...]:
    """Give the endpoints."""

    async def put(sent: Arriving) -> Uploaded:
        order: Upload = sent.given
        served = await uploads.put(order.bundle, sent.pieces, order.who)
        return Uploaded(bundle=served.bundle, version=served.version, digest=served.digest, changed=served.changed)

    async def undeploy(order: Undeploy) -> Undeployed:
        return Undeployed(bundle=order.bundle, digest=await uploads.remove(order.bundle, order.who))

    return (
        Endpoint(
            path="/api/bundles/{bundle}",
            summary="Let the bundle in this .zip serve; what is wrong with it is told, and changes nothing",
            method="PUT",
            parameters=Upload,
            answer=Uploaded,
            handle=put,
            takes="application/zip",
        ),
        Endpoint(
            path="/api/undeploy",
            summary="Take a bundle out of the folder; its running executions finish on their version",
            method="POST",
            parameters=Undeploy,
            answer=Undeployed,
            handle=undeploy,
        ),
    )
