"""Scenarios of the Python SDK for resources, prompts, completion, logging, input that the server
asks for, subscriptions and tasks: the twin of primitives.mjs (primitives.json has what is
expected)."""

import json
from contextlib import asynccontextmanager
from typing import Any, Literal

import anyio
import mcp_types as types
from mcp import MCPError
from mcp.client.extension import ClientExtension, ResultClaim
from server import INVALID_PARAMS, MODERN, PRIMITIVES as EXPECTED, STRUCTURED_SINCE, pick

AUDIO_SINCE = "2025-03-26"
ELICITATION_SINCE = CONTEXT_SINCE = "2025-06-18"
URL_SINCE = "2025-11-25"
NOT_FOUND = -32002  # of the legacy revisions
MISSING_CAPABILITY = -32021
PATIENCE = 3  # seconds
LOG_LEVEL = "io.modelcontextprotocol/logLevel"
TASKS = "io.modelcontextprotocol/tasks"


def dumped(model):
    return model.model_dump(by_alias=True, mode="json", exclude_none=True)


class User:
    """Whoever sits before the client: what was asked and told, and what is answered."""

    def __init__(self):
        self.asked, self.logs, self.updated, self.lists = [], [], [], []
        self.answers = []

    def _next(self, kind, params):
        self.asked.append(params)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            return types.ErrorData(code=-32603, message=str(answer))
        return kind.model_validate(answer)

    async def elicit(self, context, params):
        return self._next(types.ElicitResult, params)

    async def sample(self, context, params):
        return self._next(types.CreateMessageResult, params)

    async def list_roots(self, context):
        return self._next(types.ListRootsResult, None)

    async def logged(self, params):
        self.logs.append(params)

    def told(self, message):
        """A notification; listen streams of the modern revision tell the same here."""
        method = getattr(message, "method", "")
        if method == "notifications/resources/updated":
            self.updated.append(message.params.uri)
        elif method.endswith("/list_changed"):
            self.lists.append(method)

    def options(self):
        return {"elicitation_callback": self.elicit, "sampling_callback": self.sample,
                "list_roots_callback": self.list_roots, "logging_callback": self.logged,
                "extensions": [TaskExtension(self)]}


class CreatedTask(types.Result):
    result_type: Literal["task"]
    task_id: str


class TaskParams(types.RequestParams):
    task_id: str
    input_responses: dict[str, Any] | None = None


class TaskRequest(types.Request[TaskParams, str]):
    name_param = "taskId"
    method: str
    params: TaskParams


class TaskAnswer(types.Result):
    status: str | None = None
    poll_interval_ms: int | None = None
    result: dict[str, Any] | None = None
    input_requests: dict[str, Any] | None = None


class TaskExtension(ClientExtension):
    """The modern extension, by what the SDK offers to write extensions with."""

    identifier = TASKS

    def __init__(self, user):
        self.user = user
        self.cancels = False
        self.statuses = []

    def claims(self):
        return [ResultClaim(result_type="task", model=CreatedTask, resolve=self.finish)]

    async def finish(self, created, context):
        async def ask(method, **params):
            request = TaskRequest(method=method,
                                  params=TaskParams(task_id=created.task_id, **params))
            return await context.session.send_request(request, TaskAnswer)

        self.statuses = []
        if self.cancels:
            await ask("tasks/cancel")
        while True:
            task = await ask("tasks/get")
            self.statuses.append(task.status)
            if task.status == "completed":
                return types.CallToolResult.model_validate(task.result)
            if task.status == "cancelled":
                return types.CallToolResult(content=[], is_error=True)
            if task.status == "input_required" and task.input_requests:
                responses = {}
                for key, request in task.input_requests.items():
                    responses[key] = dumped(await self.user.elicit(None, request["params"]))
                await ask("tasks/update", input_responses=responses)
            await anyio.sleep(0.02)


async def all_pages(method, member):
    entries, cursor = [], None
    while True:
        page = await method(cursor=cursor)
        entries += getattr(page, member)
        cursor = page.next_cursor
        if cursor is None:
            return entries


async def outcome(awaitable):
    """(result as JSON, None) or (None, error)."""
    try:
        return dumped(await awaitable), None
    except MCPError as error:
        return None, error


async def until(condition):
    with anyio.move_on_after(PATIENCE):
        while not condition():
            await anyio.sleep(0.005)


def text_of(result):
    texts = [one["text"] for one in (result or {}).get("content", []) if one["type"] == "text"]
    return texts[0] if texts else None


def structured_of(run, result):
    if run.revision >= STRUCTURED_SINCE:
        return result.get("structuredContent")
    return json.loads(text_of(result))


async def lists_resources(run):
    listed, templates = EXPECTED["resources"]["listed"], EXPECTED["resources"]["templates"]
    found = [dumped(one) for one in await all_pages(run.client.list_resources, "resources")]
    run.equal("lists the resources", {one["uri"]: pick(one, listed[one["uri"]])
                                      for one in found if one["uri"] in listed}, listed)
    found = [dumped(one) for one in
             await all_pages(run.client.list_resource_templates, "resource_templates")]
    run.equal("lists the templates", {
        one["uriTemplate"]: pick(one, templates[one["uriTemplate"]]) for one in found
        if one["uriTemplate"] in templates}, templates)


async def reads_resources(run):
    for read in EXPECTED["resources"]["reads"]:
        result, error = await outcome(run.client.read_resource(read["uri"]))
        run.equal(f"reads {read['name']}", str(error) if error else result["contents"],
                  read["contents"])
    for uri in EXPECTED["resources"]["unknown"]:
        _, error = await outcome(run.client.read_resource(uri))
        run.equal(f"{uri} is not found", error and [error.error.code, error.error.data],
                  [INVALID_PARAMS if run.revision == MODERN else NOT_FOUND, {"uri": uri}])


async def reads_what_asks(run):
    secret = EXPECTED["resources"]["secret"]
    run.user.asked.clear()
    run.user.answers = [{"action": "accept", "content": {"allow": True}}]
    result, error = await outcome(run.client.read_resource(secret["uri"]))
    if run.revision < ELICITATION_SINCE:
        run.check("a resource that must ask is an error where nobody can be asked",
                  error and not run.user.asked, result)
        return
    run.equal("a resource asks before it is read", str(error) if error else result["contents"],
              secret["contents"])
    run.user.answers = [{"action": "accept", "content": {"allow": False}}]
    result, error = await outcome(run.client.read_resource(secret["uri"]))
    run.check("and is an error if the user says no", error, result)


async def prompts(run):
    expected = EXPECTED["prompts"]
    found = await all_pages(run.client.list_prompts, "prompts")
    run.equal("lists the prompts and their arguments", {
        one.name: [{"name": each.name, "required": bool(each.required)}
                   for each in one.arguments or []]
        for one in found if one.name in expected["listed"]}, expected["listed"])
    for get in expected["gets"]:
        result, error = await outcome(run.client.get_prompt(get["prompt"], get["arguments"]))
        run.equal(f"gets a prompt with {get['name']}", str(error) if error else
                  [one["content"]["text"] for one in result["messages"]], get["texts"])
    result, error = await outcome(run.client.get_prompt(expected["blocks"]["prompt"]))
    run.equal("a prompt holds more than text",
              str(error) if error else [one["content"]["type"] for one in result["messages"]],
              ["text" if one == "audio" and run.revision < AUDIO_SINCE else one
               for one in expected["blocks"]["types"]])
    for get in expected["wrong"]:
        _, error = await outcome(run.client.get_prompt(get["prompt"], get["arguments"]))
        run.equal(f"{get['name']} is refused", error and error.error.code, INVALID_PARAMS)


async def prompts_that_ask(run):
    expected = EXPECTED["prompts"]["ask"]
    run.user.asked.clear()
    run.user.answers = [{"action": "accept", "content": expected["answer"]}]
    result, error = await outcome(run.client.get_prompt(expected["prompt"]))
    if run.revision < ELICITATION_SINCE:
        run.check("a prompt that must ask is an error where nobody can be asked",
                  error and not run.user.asked, result)
        return
    run.equal("a prompt asks before it is rendered", str(error) if error else
              [one["content"]["text"] for one in result["messages"]], expected["texts"])
    run.user.answers = [{"action": "decline"}]
    result, error = await outcome(run.client.get_prompt(expected["prompt"]))
    run.check("and is an error if the user declines", error, result)


def reference(ref):
    kind = types.PromptReference if ref["type"] == "ref/prompt" else types.ResourceTemplateReference
    return kind.model_validate(ref)


async def completes(run):
    for one in EXPECTED["completions"]:
        name, context = f"completes {one['name']}", one.get("context")
        if context and run.revision < CONTEXT_SINCE:
            run.skip(name, f"{run.revision} has no context of a completion")
            continue
        result, error = await outcome(run.client.complete(
            reference(one["ref"]), one["argument"], context and context["arguments"]))
        run.equal(name, str(error) if error else result["completion"]["values"], one["values"])
    _, error = await outcome(run.client.complete(
        types.PromptReference(name="no-such-prompt"), {"name": "x", "value": ""}))
    run.equal("completing an unknown prompt is refused", error and error.error.code, INVALID_PARAMS)


async def logs(run):
    expected = EXPECTED["logs"]
    meta = None
    if run.revision == MODERN:
        meta = {LOG_LEVEL: expected["threshold"]}
    else:
        await run.client.set_logging_level(expected["threshold"])
    run.user.logs.clear()
    await run.client.call_tool(expected["tool"], {"to": 1, "logs": expected["levels"]}, meta=meta)
    await until(lambda: len(run.user.logs) >= len(expected["heard"]))
    # This client hands over messages that came together in any order.
    run.equal("log messages arrive from the threshold on",
              sorted([one.level, one.data] for one in run.user.logs),
              sorted([level, expected["line"] + level] for level in expected["heard"]))


async def refuses_to_ask(run, tool, method):
    run.user.asked.clear()
    result, error = await outcome(run.client.call_tool(tool, {}))
    run.equal(f"{tool} is a tool error where the revision has no {method}",
              [error and str(error), (result or {}).get("isError"), run.user.asked,
               bool(text_of(result))], [None, True, [], True])


async def elicits(run):
    if run.revision < ELICITATION_SINCE:
        await refuses_to_ask(run, "ask-name", "elicitation")
        return
    for form in EXPECTED["forms"]:
        run.user.asked.clear()
        run.user.answers = list(form["answers"])
        result, error = await outcome(run.client.call_tool(form["tool"], {}))
        got = text_of(result) if "text" in form else result and structured_of(run, result)
        run.equal(f"{form['name']} ({form['tool']})",
                  [error and str(error), got, len(run.user.asked)],
                  [None, form.get("text", form.get("structured")), len(form["answers"])])


async def opens_page(run):
    page = EXPECTED["page"]
    if run.revision < URL_SINCE:
        await refuses_to_ask(run, page["tool"], "elicitation by URL")
        return
    for action, text in [("accept", page["text"]), ("decline", "declined"),
                         ("cancel", "cancelled")]:
        run.user.asked.clear()
        run.user.answers = [{"action": action}]
        result, error = await outcome(run.client.call_tool(page["tool"], {}))
        run.equal(f"a page: {action}", [error and str(error), text_of(result),
                                        [[one.mode, str(one.url)] for one in run.user.asked]],
                  [None, text, [["url", page["url"]]]])


async def samples(run):
    model = EXPECTED["model"]
    run.user.asked.clear()
    run.user.answers = [model["answer"]]
    result, error = await outcome(run.client.call_tool(model["tool"], model["arguments"]))
    run.equal("the model is asked with the prompt and the limit",
              [[one.max_tokens, [[each.role, each.content.text] for each in one.messages]]
               for one in run.user.asked],
              [[model["arguments"]["maxTokens"], [["user", model["arguments"]["prompt"]]]]])
    run.equal("what the model says reaches the tool",
              str(error) if error else structured_of(run, result), model["structured"])


async def callback_fails(run):
    model = EXPECTED["model"]
    run.user.answers = [ValueError("no model today")]
    result, error = await outcome(run.client.call_tool(model["tool"], model["arguments"]))
    run.check("a client that fails to answer ends the call with an error",
              error or result.get("isError"), result)
    await samples(run)


async def roots(run):
    expected = EXPECTED["roots"]
    for name, answer in [("the roots reach the tool", expected["first"]),
                         ("the roots are new after they changed", expected["then"])]:
        if answer is expected["then"] and run.revision != MODERN:
            await run.client.send_roots_list_changed()
        run.user.answers = [{"roots": answer}]
        result, error = await outcome(run.client.call_tool(expected["tool"], {}))
        run.equal(name, str(error) if error else structured_of(run, result)["roots"], answer)


@asynccontextmanager
async def listening(run, **options):
    """A listen stream of the modern revision; what it brings reaches the user's ear too."""
    if run.revision != MODERN:
        yield
        return
    async with run.client.listen(**options):
        yield


async def watches(run):
    counter, touch = EXPECTED["resources"]["counter"], EXPECTED["touch"]

    async def number():
        return int((await run.client.read_resource(counter)).contents[0].text)

    before = await number()
    if run.revision != MODERN:
        await run.client.subscribe_resource(counter)
    async with listening(run, resource_subscriptions=[counter]):
        run.user.updated.clear()
        await run.client.call_tool(touch, {})
        await until(lambda: run.user.updated)
        run.equal("a resource that is watched says that it changed", run.user.updated, [counter])
        run.equal("and has changed", await number(), before + 1)
    if run.revision != MODERN:
        await run.client.unsubscribe_resource(counter)
    await anyio.sleep(0.05)  # this client leaves the stream a turn after the next request
    run.user.updated.clear()
    await run.client.call_tool(touch, {})
    await anyio.sleep(0.1)
    run.equal("no word of it after the end of the subscription", run.user.updated, [])


async def lists_change(run):
    expected = EXPECTED["publish"]
    lists = {"tool": (run.client.list_tools, "tools", "name"),
             "resource": (run.client.list_resources, "resources", "uri"),
             "template": (run.client.list_resource_templates, "resource_templates", "uri_template"),
             "prompt": (run.client.list_prompts, "prompts", "name")}
    async with listening(run, tools_list_changed=True, prompts_list_changed=True,
                         resources_list_changed=True):
        for kind, listed in expected["listed"].items():
            for way, is_there in [(expected["tool"], True), (expected["withdraw"], False)]:
                run.user.lists.clear()
                result = await run.call(way, {"kind": kind, "name": expected["name"]})
                await until(lambda: run.user.lists)
                run.equal(f"the client hears of a {kind}: {way}",
                          [result.get("isError", False), run.user.lists],
                          [False, [expected["changes"][kind]]])
                method, member, key = lists[kind]
                found = [str(getattr(one, key)) for one in await all_pages(method, member)]
                run.equal(f"and the list shows it: {way}", listed in found, is_there)


async def runs_tasks(run):
    if run.revision != MODERN:
        run.skip("tasks", "the Python SDK takes no answer to a legacy call but a CallToolResult"
                 if run.revision == "2025-11-25" else f"{run.revision} has no tasks")
        return
    optional, asks = EXPECTED["tasks"]["optional"], EXPECTED["tasks"]["asks"]
    result = await run.call(optional["tool"], optional["arguments"])
    run.equal("a tool runs as a task", [text_of(result), run.tasks.statuses[-1:]],
              [optional["text"], ["completed"]])
    for action, text in [("accept", asks["text"]), ("decline", asks["refused"])]:
        run.user.asked.clear()
        run.user.answers = [{"action": action, **({"content": {}} if action == "accept" else {})}]
        result = await run.call(asks["tool"], asks["arguments"])
        run.equal(f"a task asks for input: {action}",
                  [text_of(result), len(run.user.asked), "input_required" in run.tasks.statuses],
                  [text, 1, True])
    run.tasks.cancels = True
    await run.call(EXPECTED["tasks"]["long"]["tool"], EXPECTED["tasks"]["long"]["arguments"])
    run.equal("a task is cancelled", run.tasks.statuses[-1], "cancelled")


async def is_not_asked(run):
    """A client that declares nothing."""
    model = EXPECTED["model"]
    for tool in ["ask-name", EXPECTED["page"]["tool"], model["tool"], EXPECTED["roots"]["tool"]]:
        arguments = model["arguments"] if tool == model["tool"] else {}
        result, error = await outcome(run.client.call_tool(tool, arguments))
        if run.revision == MODERN:
            run.equal(f"{tool} is refused: the client has no such capability",
                      [error and error.error.code, result], [MISSING_CAPABILITY, None])
        else:
            run.equal(f"{tool} is a tool error: the client has no such capability",
                      [error and str(error), (result or {}).get("isError"), bool(text_of(result))],
                      [None, True, True])
    result, error = await outcome(run.client.call_tool(EXPECTED["optional"]["tool"], {}))
    run.equal("what is optional is not asked", str(error) if error else text_of(result),
              EXPECTED["optional"]["text"])


WITHOUT_CAPABILITIES = [(is_not_asked, "ask-name")]

SCENARIOS = [
    (lists_resources, EXPECTED["touch"]),
    (reads_resources, EXPECTED["touch"]),
    (reads_what_asks, EXPECTED["touch"]),
    (prompts, EXPECTED["touch"]),
    (prompts_that_ask, EXPECTED["touch"]),
    (completes, EXPECTED["touch"]),
    (logs, EXPECTED["logs"]["tool"]),
    (elicits, "ask-name"),
    (opens_page, EXPECTED["page"]["tool"]),
    (samples, EXPECTED["model"]["tool"]),
    (callback_fails, EXPECTED["model"]["tool"]),
    (roots, EXPECTED["roots"]["tool"]),
    (watches, EXPECTED["touch"]),
    (lists_change, EXPECTED["publish"]["tool"]),
    (runs_tasks, EXPECTED["tasks"]["optional"]["tool"]),
]
