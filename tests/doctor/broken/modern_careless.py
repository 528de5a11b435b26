"""Modern careless."""
from server import Server


class Broken(Server):
    """Serves 2026-07-28, and looks at no claim."""

    def result(self, method, params):
        if method == "server/discover":
            return {"resultType": "complete", "supportedVersions": ["2026-07-28"],
                    "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "public"}
        return super().result(method, params)


Broken().run()
