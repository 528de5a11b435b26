#include "core/session/work.h"

/* Members of the schemas of arguments. */
#define OBJECT(properties, required) \
    "{\"type\":\"object\",\"properties\":{" properties "},\"required\":[" required \
    "],\"additionalProperties\":false}"
#define ID "\"id\":{\"type\":\"string\",\"description\":\"id of the session\"}"
#define AGAIN \
    "\"commandId\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":64,\"description\":\"a " \
    "command that is sent again with the same id within a day is not done again\"}," \
    "\"expectedVersion\":{\"type\":\"integer\",\"minimum\":1,\"description\":\"refuse if the session " \
    "is not at this version\"}"
#define AS_OF \
    "\"version\":{\"type\":\"integer\",\"minimum\":1},\"atMs\":{\"type\":\"integer\",\"minimum\":0," \
    "\"description\":\"UTC, milliseconds since 1970\"}"
#define CONTENT \
    "\"text\":{\"type\":\"string\"},\"parts\":{\"type\":\"array\",\"items\":{\"type\":\"object\"," \
    "\"required\":[\"type\"],\"properties\":{\"type\":{\"type\":\"string\"}}}}"
#define TITLE "\"title\":{\"type\":\"string\",\"maxLength\":255}"
#define DESCRIPTION "\"description\":{\"type\":\"string\",\"maxLength\":4096}"
#define TAGS(name) \
    "\"" name "\":{\"type\":\"array\",\"maxItems\":64,\"items\":{\"type\":\"string\",\"minLength\":1," \
    "\"maxLength\":64}}"
#define REASON "\"reason\":{\"type\":\"string\",\"maxLength\":1000}"
#define COUNT(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":0}"
#define LIMIT(most) "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":" most "}"
#define USAGE \
    "\"usage\":{\"type\":\"object\",\"properties\":{" COUNT("in") "," COUNT("cachedIn") "," \
    COUNT("out") "," COUNT("reasoning") "},\"additionalProperties\":false}"
#define ERROR_OF \
    "\"error\":{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\"},\"message\":" \
    "{\"type\":\"string\"},\"retryable\":{\"type\":\"boolean\"},\"attempt\":{\"type\":\"integer\"}}}"
#define NAME(name) "\"" name "\":{\"type\":\"string\",\"maxLength\":255}"

static const struct operation table[] = {
    {"session.create", "Create a session", "Begins a session: a conversation and what is done in it.",
     OBJECT(TITLE "," DESCRIPTION "," NAME("agent") "," TAGS("tags"), ""), OPERATION_CHANGES,
     session_op_create},
    {"session.send", "Add a message", "Adds a message to a session: text, or parts of several types.",
     OBJECT(ID "," AGAIN "," CONTENT ",\"role\":{\"enum\":[\"user\",\"assistant\",\"system\",\"tool\","
            "\"operator\"]}", "\"id\""),
     OPERATION_CHANGES, session_op_send},
    {"session.respond", "Record a response",
     "Records what a model answered, or with \"error\" that it did not.",
     OBJECT(ID "," AGAIN "," CONTENT "," USAGE "," ERROR_OF "," NAME("requestId") ","
            NAME("provider") "," NAME("model") "," NAME("finish")
            ",\"costUsd\":{\"type\":\"number\"}," COUNT("ms") ",\"thinking\":{\"type\":\"array\"}",
            "\"id\""),
     OPERATION_CHANGES, session_op_respond},
    {"session.call", "Record the begin of a call", "Records that a tool was called.",
     OBJECT(ID "," AGAIN ",\"target\":{\"type\":\"string\",\"minLength\":1},\"action\":{\"enum\":["
            "\"call\",\"read\",\"render\"]},\"arguments\":{\"type\":\"object\"}",
            "\"id\",\"target\""),
     OPERATION_CHANGES, session_op_call},
    {"session.return", "Record the end of a call", "Records how a call of session.call ended.",
     OBJECT(ID "," AGAIN ",\"callId\":{\"type\":\"string\"},\"end\":{\"enum\":[\"completed\","
            "\"failed\",\"cancelled\"]},\"result\":{\"type\":\"object\"}," NAME("resultRef") "," ERROR_OF "," COUNT("ms"),
            "\"id\",\"callId\",\"end\""),
     OPERATION_CHANGES, session_op_return},
    {"session.optimize", "Record a choice of context",
     "Records which part of a session went to the model.",
     OBJECT(ID "," AGAIN "," NAME("strategy") "," COUNT("beforeTokens") "," COUNT("afterTokens")
            ",\"kept\":{\"type\":\"array\"},\"dropped\":{\"type\":\"array\"}," NAME("summaryRef"),
            "\"id\",\"strategy\""),
     OPERATION_CHANGES, session_op_optimize},
    {"session.tag", "Tag a session", "Adds and removes tags.",
     OBJECT(ID "," AGAIN "," TAGS("add") "," TAGS("remove"), "\"id\""), OPERATION_CHANGES,
     session_op_tag},
    {"session.rename", "Rename a session", "Gives a session another title or description.",
     OBJECT(ID "," AGAIN "," TITLE "," DESCRIPTION, "\"id\""), OPERATION_CHANGES,
     session_op_rename},
    {"session.suspend", "Suspend a session", "Nothing can be added until it is resumed.",
     OBJECT(ID "," AGAIN "," REASON, "\"id\""), OPERATION_CHANGES, session_op_suspend},
    {"session.resume", "Resume a session", "Goes on with a suspended session.",
     OBJECT(ID "," AGAIN, "\"id\""), OPERATION_CHANGES, session_op_resume},
    {"session.close", "Close a session", "Nothing can be added any more; a fork can go on.",
     OBJECT(ID "," AGAIN "," REASON ",\"status\":{\"enum\":[\"completed\",\"failed\",\"archived\"]}",
            "\"id\""),
     OPERATION_CHANGES, session_op_close},
    {"session.erase", "Erase a session", "Nobody can read it any more.",
     OBJECT(ID "," AGAIN "," REASON, "\"id\""), OPERATION_DESTROYS, session_op_erase},
    {"session.attach", "Attach an artifact",
     "The session refers to an artifact of the caller and keeps it from being removed.",
     OBJECT(ID "," AGAIN ",\"artifact\":{\"type\":\"string\",\"minLength\":71,\"maxLength\":71}",
            "\"id\",\"artifact\""),
     OPERATION_CHANGES, session_op_attach},
    {"session.artifacts", "List the artifacts of a session",
     "Those that its results are, and those that were attached, in their order.", OBJECT(ID, "\"id\""),
     OPERATION_READS, session_op_artifacts},
    {"session.fork", "Fork a session",
     "Begins a session with the events of another up to a version or time.",
     OBJECT(ID "," AS_OF "," TITLE, "\"id\""), OPERATION_CHANGES, session_op_fork},
    {"session.get", "Look at a session", "Its title, status, tags, counts and cost.",
     OBJECT(ID, "\"id\""), OPERATION_READS, session_op_get},
    {"session.state_at", "Look at a session as it was",
     "As session.get, as of a version or a time.", OBJECT(ID "," AS_OF, "\"id\""), OPERATION_READS,
     session_op_state_at},
    {"session.diff", "Compare two versions of a session", "What changed from one version to another.",
     OBJECT(ID ",\"from\":{\"type\":\"integer\",\"minimum\":1},\"to\":{\"type\":\"integer\","
            "\"minimum\":1}", "\"id\",\"from\",\"to\""),
     OPERATION_READS, session_op_diff},
    {"session.event", "Read one event of a session", "All of it, however long.",
     OBJECT(ID ",\"version\":{\"type\":\"integer\",\"minimum\":1}", "\"id\",\"version\""),
     OPERATION_READS, session_op_event},
    {"session.list", "List sessions", "The caller's sessions, those used last first.",
     OBJECT("\"query\":{\"type\":\"string\"},\"status\":{\"enum\":[\"active\",\"suspended\","
            "\"completed\",\"failed\",\"archived\"]}," NAME("tag") "," NAME("agent")
            ",\"sort\":{\"enum\":[\"activity\",\"created\",\"title\"]}," COUNT("offset") ","
            LIMIT("200"), ""),
     OPERATION_READS, session_op_list},
    {"session.history", "Read the history of a session",
     "Messages, responses and calls with their results, in their order, as of now, a version or a "
     "time.",
     OBJECT(ID "," AS_OF ",\"after\":{\"type\":\"integer\",\"minimum\":1},\"backward\":{\"type\":"
            "\"boolean\"}," LIMIT("500"), "\"id\""),
     OPERATION_READS, session_op_history},
    {"session.search", "Search sessions",
     "Finds messages, responses and results by their words.",
     OBJECT(ID ",\"text\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":1000}," LIMIT("100"),
            "\"text\""),
     OPERATION_READS, session_op_search},
    {"session.usage", "Sum up tokens and cost",
     "Responses, tokens and cost by day, agent and model.",
     OBJECT("\"from\":{\"type\":\"string\",\"format\":\"date\"},\"to\":{\"type\":\"string\",\"format\":"
            "\"date\"}," NAME("agent") "," NAME("model"), ""),
     OPERATION_READS, session_op_usage},
    {"session.tools", "Sum up calls of tools", "Calls, failures and times by tool.",
     OBJECT("", ""), OPERATION_READS, session_op_tools},
    {"session.export", "Export a session", "One file with all of a session, in pieces.",
     OBJECT(ID ",\"artifacts\":{\"type\":\"boolean\",\"default\":true,\"description\":\"false: "
               "without the artifacts that it refers to\"}", "\"id\""),
     OPERATION_READS, session_op_export},
    {"session.import_begin", "Begin an import", "Answers with the id of the import.", OBJECT("", ""),
     OPERATION_CHANGES, session_op_import_begin},
    {"session.import_write", "Go on with an import", "The next bytes of the file.",
     OBJECT(NAME("import"), "\"import\""), OPERATION_CHANGES, session_op_import_write},
    {"session.import_finish", "Finish an import",
     "The file is complete: if all of it was right, it is a new session.",
     OBJECT(NAME("import"), "\"import\""), OPERATION_CHANGES, session_op_import_finish},
    {"session.import_drop", "Give an import up", "Nothing of it stays.",
     OBJECT(NAME("import"), "\"import\""), OPERATION_CHANGES, session_op_import_drop},
    {"session.replay", "Replay the calls of a session",
     "Gives the recorded results again (exact), or makes the calls again and names what differs "
     "(live; modified with changed arguments; simulate without effects).",
     OBJECT(ID ",\"mode\":{\"enum\":[\"exact\",\"live\",\"modified\",\"simulate\"]},\"version\":{"
            "\"type\":\"integer\",\"minimum\":1},\"ignore\":{\"type\":\"array\",\"items\":{\"type\":"
            "\"string\"}},\"changes\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
            "\"properties\":{\"call\":{\"type\":\"integer\",\"minimum\":1},\"path\":{\"type\":"
            "\"string\"},\"value\":{}},\"required\":[\"path\",\"value\"],\"additionalProperties\":"
            "false}},\"timeoutMs\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":3600000}",
            "\"id\""),
     OPERATION_CHANGES, session_op_replay},
};

int sessions_add_operations(struct sessions *sessions, struct operations *operations,
                            struct error *err)
{
    return operations_add(operations, table, sizeof(table) / sizeof(table[0]), sessions, err);
}
