"""Who runs the flow that the player stands for (wire protocol B.1)."""

from __future__ import annotations

from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

TENANT = "6e75636c-6964-4e00-a000-706c61796572"  # of every play; no engine has it
PUBLIC_USER = "52df1a90-3826-4508-b7c2-cde8aa5b72cf"  # the engine's own id of it


def authorization(email: str | None) -> str:
    """Give the Authorization header of a user by e-mail address; without one, of the public user."""
    signed_in = email is not None
    who = {
        "ManyWhoTenantId": TENANT,
        "ManyWhoUserId": str(uuid5(NAMESPACE_URL, f"mailto:{email}")) if signed_in else PUBLIC_USER,
        "ManyWhoToken": "NONE",
        "DirectoryId": "PLAYER" if signed_in else "UNAUTHENTICATED",
        "DirectoryName": "Player" if signed_in else "UNKNOWN",
        "RoleId": "UNAUTHENTICATED",
        "RoleName": "UNKNOWN",
        "PrimaryGroupId": "UNAUTHENTICATED",
        "PrimaryGroupName": "UNKNOWN",
        "Email": email if email is not None else "admin@manywho.com",
        "IdentityProvider": "NONE",
        "TenantName": "UNKNOWN",
        "Token": "NONE",
        "Username": email or "",
        "UserId": email if email is not None else "PUBLIC_USER",
        "FirstName": (email or "").partition("@")[0],
        "LastName": "",
    }
    return quote("&".join(f"{key}={value}" for key, value in who.items()), safe="")
