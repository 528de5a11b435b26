"""What holds for every line of the server, whatever it answers. Each law is a function of the
conversation's revision, the request (or {}) and the message, and returns what is wrong or None."""

import json

from transcript import CLAIM, MODERN

MEMBERS = {"jsonrpc", "id", "method", "params", "result", "error"}
CODES = {-32700, -32600, -32601, -32602, -32603}
OLDER_CODES = CODES | {-32002}
MODERN_CODES = CODES | {-32021, -32022}
CLAIMED = CLAIM.split('"')[1]
UNCACHED = {"initialize", "tools/call", "prompts/get", "completion/complete",
            "subscriptions/listen", "tasks/get", "tasks/update", "tasks/cancel"}


def is_modern(request):
    params = request.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    return isinstance(meta, dict) and CLAIMED in meta


def no_other_members(revision, request, message):
    extra = message.keys() - MEMBERS
    return f"members that JSON-RPC does not name: {extra}" if extra else None


def result_or_error(revision, request, message):
    if "method" in message:
        both = {"result", "error"} & message.keys()
        return "a request or notification with a result" if both else None
    if ("result" in message) == ("error" in message):
        return "neither or both of result and error"
    if "result" in message:
        return None if isinstance(message["result"], dict) else "the result is no object"
    error = message["error"]
    fits = isinstance(error.get("code"), int) and isinstance(error.get("message"), str)
    return None if fits and error.keys() <= {"code", "message", "data"} else "a malformed error"


def only_known_codes(revision, request, message):
    code = message.get("error", {}).get("code")
    known = MODERN_CODES if is_modern(request) else CODES | {-32022}
    if revision != MODERN and not is_modern(request):
        known = OLDER_CODES
    return f"the code {code}" if code is not None and code not in known else None


def modern_results_name_type_and_server(revision, request, message):
    if "result" not in message or not is_modern(request):
        return None
    result = message["result"]
    server = result.get("_meta", {}).get("io.modelcontextprotocol/serverInfo", {})
    named = result.get("resultType") and server.get("name") and server.get("version")
    return None if named else "no resultType or serverInfo"


def older_results_have_no_modern_members(revision, request, message):
    if "result" not in message or is_modern(request):
        return None
    extra = message["result"].keys() & {"resultType", "ttlMs", "cacheScope"}
    return f"modern members: {extra}" if extra else None


def hints_where_they_belong(revision, request, message):
    if "result" not in message or not is_modern(request):
        return None
    result, method = message["result"], request["method"]
    wanted = method not in UNCACHED and result["resultType"] == "complete"
    has = "ttlMs" in result and "cacheScope" in result
    task = result["resultType"] == "task" or method == "tasks/get"
    return None if has == wanted or task else f"ttlMs and cacheScope: {has}, expected {wanted}"


def no_requests_for_modern_clients(revision, request, message):
    return "a request" if revision == MODERN and {"method", "id"} <= message.keys() else None


LAWS = [no_other_members, result_or_error, only_known_codes, modern_results_name_type_and_server,
        older_results_have_no_modern_members, hints_where_they_belong,
        no_requests_for_modern_clients]


def broken(conversation):
    """The laws that one line of the conversation breaks, in words."""
    requests, sent, found = {}, 0, []
    for count, line in conversation.heard:
        for one in _messages(conversation.sent[sent:count]):
            if "id" in one and "method" in one:
                requests.setdefault(json.dumps(one["id"]), one)
        sent = count
        for message in _messages([line]):
            raw_id = json.dumps(message.get("id"))
            request = requests.get(raw_id, {}) if "method" not in message else {}
            found += _broken_by(conversation.revision, request, message)
            if "result" in message:
                requests.pop(raw_id, None)
    return found


def _messages(lines):
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        yield from (one for one in (value if isinstance(value, list) else [value])
                    if isinstance(one, dict))


def _broken_by(revision, request, message):
    found = [(law.__name__, law(revision, request, message)) for law in LAWS]
    return [f"{name}: {what}\n  {json.dumps(message)}" for name, what in found if what]
