#include "adapters/driven/config/config.h"

const struct setting config_settings[] = {
    {"log.level", SETTING_CHOICE, "\"notice\"", 0, 0,
     "debug info notice warning error critical alert emergency", PROJECT_FREE,
     "Lines below this level are not written to stderr."},
    {"log.format", SETTING_CHOICE, "\"text\"", 0, 0, "text json", PROJECT_FREE,
     "How a line on stderr looks: for people, or one JSON object a line."},
    {"server.name", SETTING_STRING, "\"hexmcp\"", 0, 0, NULL, PROJECT_FREE,
     "The name that clients are told."},
    {"server.title", SETTING_STRING, "\"hexmcp\"", 0, 0, NULL, PROJECT_FREE,
     "The title that clients may show."},
    {"server.instructions", SETTING_STRING, "\"\"", 0, 0, NULL, PROJECT_NEVER,
     "A text for the model about how to use this server; empty for none."},
    {"stdio.max_message_bytes", SETTING_INTEGER, "67108864", 1024, 1073741824, NULL, PROJECT_LOWER,
     "Longest message that is read, in bytes."},
    {"stdio.drain_ms", SETTING_INTEGER, "2000", 0, 600000, NULL, PROJECT_LOWER,
     "How long accepted requests may run on after the end of input, in milliseconds."},
    {"stdio.watch_parent", SETTING_BOOL, "true", 0, 0, NULL, PROJECT_NEVER,
     "End when the process that started the server ends."},
    {"mcp.page_size", SETTING_INTEGER, "200", 1, 10000, NULL, PROJECT_FREE,
     "Entries on one page of a list."},
    {"mcp.max_in_flight", SETTING_INTEGER, "4096", 1, 1000000, NULL, PROJECT_LOWER,
     "Requests of one client that may run or wait at once."},
    {"mcp.max_held_bytes", SETTING_INTEGER, "268435456", 65536, 68719476736, NULL, PROJECT_LOWER,
     "Bytes of messages that the requests of one client may hold until they are done, with what is "
     "needed to read them."},
    {"mcp.input_timeout_ms", SETTING_INTEGER, "600000", 1000, 86400000, NULL, PROJECT_LOWER,
     "How long a client may take to answer when a plugin asks it or its user, in milliseconds."},
    {"workers.max", SETTING_INTEGER, "0", 0, 64, NULL, PROJECT_FEWER,
     "Threads for tools that may block; 0: two more than there are processors, at least 4."},
    {"policy.level", SETTING_CHOICE, "\"restricted\"", 0, 0, "safe restricted privileged", PROJECT_LOWER,
     "Tools up to this level may be called: safe ones have no effects, restricted ones do only what "
     "is granted below, privileged ones do what they say."},
    {"grants.read", SETTING_FOLDERS, "[]", 0, 0, NULL, PROJECT_WITHIN,
     "Folders that tools may read, with all that is beneath."},
    {"grants.write", SETTING_FOLDERS, "[]", 0, 0, NULL, PROJECT_WITHIN,
     "Folders that tools may read and change, with all that is beneath."},
    {"grants.hard_links", SETTING_BOOL, "false", 0, 0, NULL, PROJECT_LOWER,
     "Let tools open files that have several names; one may be outside of the granted folders."},
    {"grants.client_roots", SETTING_CHOICE, "\"narrow\"", 0, 0, "narrow ignore", PROJECT_LOWER,
     "A client that has roots (the folders that it works in): of the granted folders, only what is "
     "in its roots is open to it."},
    {"plugins.path", SETTING_STRINGS, "[]", 0, 0, NULL, PROJECT_NEVER,
     "Further folders with plugins. What is found there is listed, not enabled."},
    {"plugins.enable", SETTING_STRINGS, "[]", 0, 0, NULL, PROJECT_NEVER,
     "Ids of found plugins, or folders of plugins, to enable. They run with full rights in the "
     "server's process."},
    {"plugins.disable", SETTING_STRINGS, "[]", 0, 0, NULL, PROJECT_ADD,
     "Ids of plugins to leave out."},
    {"plugins.settings", SETTING_OBJECT, "{}", 0, 0, NULL, PROJECT_NEVER,
     "Settings of plugins, by plugin id."},
    {"connect.reconnect_ms", SETTING_INTEGER, "30000", 0, 3600000, NULL, PROJECT_FREE,
     "How long \"hexmcp connect\" waits for a server that was restarted, in milliseconds."},
    {"connect.start_ms", SETTING_INTEGER, "10000", 100, 600000, NULL, PROJECT_FREE,
     "How long a server that \"hexmcp connect --start\" has started may take to listen, in "
     "milliseconds."},
    {"connect.idle_exit_ms", SETTING_INTEGER, "600000", 0, 86400000, NULL, PROJECT_NEVER,
     "A server that \"hexmcp connect --start\" has started ends after so long without clients, in "
     "milliseconds; 0: never."},
    {"connect.max_kept_bytes", SETTING_INTEGER, "16777216", 0, 1073741824, NULL, PROJECT_LOWER,
     "Bytes of requests that \"hexmcp connect\" keeps until they are answered, to send them to a "
     "server that was restarted. What is longer is answered with an error then."},
};

const size_t config_setting_count = sizeof(config_settings) / sizeof(config_settings[0]);
