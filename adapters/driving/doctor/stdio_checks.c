/* The table of checks of a server on stdio, in the order in which they run. */
#include "adapters/driving/doctor/checks.h"

const struct check stdio_checks[] = {
    {
        .id = "start",
        .title = "The command starts and stays",
        .why = "A client shows such a server as failed, mostly without the reason.",
        .todo = "Run the command by hand; give absolute paths, since clients have another PATH "
                "and working folder.",
        .run = check_start,
    },
    {
        .id = "initialize",
        .title = "Answers initialize or server/discover with a valid result",
        .why = "Without it there is no session, and a client shows the server as failed.",
        .todo = "Answer initialize with protocolVersion, capabilities and serverInfo (name, "
                "version), or server/discover in revision 2026-07-28.",
        .run = check_initialize,
    },
    {
        .id = "first-answer",
        .title = "The first answer comes quickly",
        .why = "Clients give a server some seconds; a slow one is shown as failed now and then.",
        .todo = "Answer first and do slow work (connections, downloads, models) when it is "
                "needed.",
        .run = check_first_answer,
    },
    {
        .id = "negotiation",
        .title = "Negotiates the protocol revision",
        .why = "A client of another age than the server is turned away, or both speak of "
               "different things.",
        .todo = "Answer a known revision with itself and every other with the latest that the "
                "server serves, never with an error.",
        .run = check_negotiation,
    },
    {
        .id = "ping",
        .title = "Answers ping",
        .why = "Clients use ping to find out whether a server still lives, and restart it if "
               "not.",
        .todo = "Answer ping with an empty result at any time, also while tools run.",
        .run = check_ping,
    },
    {
        .id = "unknown-method",
        .title = "Refuses an unknown method with -32601",
        .why = "Clients find out by this code what a server can do, server/discover among it.",
        .todo = "Answer requests for methods that the server does not have with the error -32601.",
        .run = check_unknown_method,
    },
    {
        .id = "bad-params",
        .title = "Refuses bad params with -32602",
        .why = "A client cannot tell its own mistake from a fault of the server.",
        .todo = "Check the params of every request and answer with the error -32602 if they are "
                "wrong.",
        .run = check_bad_params,
    },
    {
        .id = "notifications",
        .title = "Is silent on notifications",
        .why = "Nobody waits for such an answer; strict clients take it for a fault of the "
               "protocol.",
        .todo = "Never answer a message without an id, also if its method is unknown.",
        .run = check_notifications,
    },
    {
        .id = "split-lines",
        .title = "Reads messages that come in pieces, or several at once",
        .why = "Pipes keep no borders of messages: under load requests get lost.",
        .todo = "Collect bytes up to the line end, and go on with what stands behind it.",
        .run = check_split,
    },
    {
        .id = "concurrency",
        .title = "Answers 16 requests at once, each with its own id",
        .why = "Clients send requests without waiting; a result under a wrong id goes to the "
               "wrong place.",
        .todo = "Keep the id with the request it came with, and answer every request once.",
        .run = check_concurrency,
    },
    {
        .id = "cancellation",
        .title = "Survives the cancellation of requests",
        .why = "People press stop: a server that does not bear it dies in the middle of a "
               "session.",
        .todo = "Accept notifications/cancelled for running, finished and unknown requests.",
        .run = check_cancellation,
    },
    {
        .id = "tools",
        .title = "Lists tools that clients can use",
        .why = "One bad tool often makes a client refuse the whole list.",
        .todo = "Give every tool a unique name and an inputSchema that is a valid JSON Schema "
                "with type object.",
        .run = check_tools,
    },
    {
        .id = "resources",
        .title = "Lists resources and templates that clients can use",
        .why = "One bad entry often makes a client refuse the whole list.",
        .todo = "Give every resource a uri and a name, every template a uriTemplate and a name.",
        .run = check_resources,
    },
    {
        .id = "prompts",
        .title = "Lists prompts that clients can use",
        .why = "One bad entry often makes a client refuse the whole list.",
        .todo = "Give every prompt a unique name, and every argument of it a name.",
        .run = check_prompts,
    },
    {
        .id = "tool-calls",
        .title = "Tools answer with valid results",
        .why = "Clients drop a result of the wrong shape, or one that does not fit the "
               "outputSchema.",
        .todo = "Answer tools/call with content, and with structuredContent that fits if there is "
                "an outputSchema; refuse unknown tools.",
        .run = check_tool_calls,
    },
    {
        .id = "bad-json",
        .title = "Survives lines that are no message",
        .why = "One broken line, from a client or a wrapper, ends the session for everybody.",
        .todo = "Answer what cannot be read with the error -32700 or -32600, or ignore it, and go "
                "on.",
        .run = check_bad_json,
    },
    {
        .id = "large-message",
        .title = "Takes a message of 1 MiB",
        .why = "Tools get whole files as arguments; the session ends at the first large one.",
        .todo = "Read lines of any length, at least of some MiB, or refuse them with an error and "
                "go on.",
        .run = check_large,
    },
    {
        .id = "eof-exit",
        .title = "Ends when its standard input ends",
        .why = "Clients end a server by closing its input. One that stays is left behind, once "
               "per session.",
        .todo = "End the program when reading standard input reports its end, also while work is "
                "going on.",
        .run = check_eof,
    },
    {
        .id = "orphans",
        .title = "Leaves no process behind",
        .why = "Processes gather on the machine of the user, with their memory, locks and ports.",
        .todo = "End and wait for child processes before the server ends.",
        .run = check_orphans,
    },
    {
        .id = "sigterm",
        .title = "Ends on SIGTERM",
        .why = "A client that has waited in vain sends SIGTERM, then SIGKILL: nothing is tidied "
               "up.",
        .todo = "Do not ignore SIGTERM; tidy up quickly and end.",
        .run = check_sigterm,
    },
    {
        .id = "probe",
        .title = "Lets a client go on with initialize after server/discover",
        .why = "Newer clients ask server/discover first; a server that dies or hangs then is "
               "never reached.",
        .todo = "Answer unknown requests with an error at once, also before initialize, and go "
                "on.",
        .run = check_probe,
    },
    {
        .id = "discover",
        .title = "Describes itself in server/discover",
        .why = "Clients of revision 2026-07-28 decide by it what to use.",
        .todo = "Answer with resultType, supportedVersions, capabilities, ttlMs and cacheScope.",
        .run = check_discover,
    },
    {
        .id = "modern-requests",
        .title = "Judges requests of 2026-07-28 by their own metadata",
        .why = "In this revision each request says what it speaks; a server that does not look "
               "misunderstands it.",
        .todo = "Refuse a missing claim with -32602, an unknown revision with -32022 and the list "
                "of served ones, and removed methods with -32601.",
        .run = check_modern_requests,
    },
    {
        .id = "modern-lists",
        .title = "Lists of 2026-07-28 carry resultType, ttlMs and cacheScope",
        .why = "Clients cannot tell what kind of result it is, nor keep it.",
        .todo = "Add resultType, ttlMs (an integer from 0) and cacheScope (public or private) to "
                "results of lists.",
        .run = check_modern_lists,
    },
    {
        .id = "stdout",
        .title = "Standard output carries nothing but messages, one a line",
        .why = "Every other byte there breaks the stream for the client: prints, banners, "
               "progress bars.",
        .todo = "Write logs to standard error; look for prints of libraries, and for output in "
                "text mode on Windows.",
        .run = check_stdout,
    },
    {
        .id = "messages",
        .title = "Every message has the form of JSON-RPC 2.0",
        .why = "Clients with strict parsers drop such a message, and the request waits until its "
               "timeout.",
        .todo = "Send jsonrpc, and a result that is an object or an error with code and message; "
                "no further members.",
        .run = check_messages,
    },
    {
        .id = "answers",
        .title = "Every request is answered once, under its own id",
        .why = "The answer finds nobody who waits for it, and the request waits until its "
               "timeout.",
        .todo = "Give the id back exactly as it came: a number stays a number, a string a string.",
        .run = check_answers,
    },
    {
        .id = "client-requests",
        .title = "Asks the client only for what it declared",
        .why = "The client has no answer; some end the session, or the server waits for ever.",
        .todo = "Look at the capabilities in initialize before sending sampling, elicitation or "
                "roots requests.",
        .run = check_client_requests,
    },
    {
        .id = "stderr",
        .title = "Standard error is of reasonable size",
        .why = "Clients keep it in a log or let the pipe fill up, which stops the server.",
        .todo = "Lower the level of logs.",
        .run = check_stderr,
    },
    {
        .id = "schema",
        .title = "Results fit the protocol's JSON schemas",
        .why = "Clients that check results by the schema drop them.",
        .todo = "Change the result at the place that is named.",
        .run = check_schema,
    },
};

const size_t stdio_check_count = sizeof(stdio_checks) / sizeof(stdio_checks[0]);
