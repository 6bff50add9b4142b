"""The deployed table: what is live now. It is replaced whole, in one assignment, and never changed."""

from __future__ import annotations

from msgspec import Struct

from runtime.engine.deployment import Deployment
from runtime.engine.live_services import LiveService, bind_services, missing_of
from runtime.engine.live_web import WebTable, bind_web, missing_of_web
from runtime.flow.routes import Routes, compile_routes


class Table(Struct, frozen=True):
    """The live version of each bundle by its name, their Flow services by external name, and the routing to those.

    `web` are their web services.
    """

    deployments: dict[str, Deployment]
    services: dict[str, LiveService]
    routes: Routes
    web: WebTable = WebTable()

    @property
    def missing(self) -> dict[str, tuple[str, ...]]:
        """What services and API services name of other bundles and is not deployed, by name and by address."""
        return missing_of(self.services) | missing_of_web(self.web)

    def version(self, bundle: str, digest: str) -> Deployment | None:
        """Give the deployment of exactly this version, or None when another or none is live."""
        deployment = self.deployments.get(bundle)
        return deployment if deployment is not None and deployment.bundle.digest == digest else None


def table_of(deployments: list[Deployment]) -> Table:
    """Make the table of these deployments; their names, and the external names of their services, are unique."""
    by_name = {deployment.bundle.name: deployment for deployment in deployments}
    routes = compile_routes([service for deployment in deployments for service in deployment.bundle.services])
    return Table(by_name, bind_services(by_name), routes, bind_web(by_name))


EMPTY_TABLE = table_of([])
