/* The table of checks. Numbers and names are stable: people and CI files name them. */
#include "adapters/driving/validator/checks_calls.h"
#include "adapters/driving/validator/checks_load.h"
#include "adapters/driving/validator/checks_static.h"

#define STATIC GROUP_STATIC
#define LOAD GROUP_LOAD
#define LIFE GROUP_LIFECYCLE
#define CALLS GROUP_CALLS
#define HOSTILE GROUP_HOSTILE
#define CODE (NEEDS_MANIFEST | NEEDS_IMAGE | NEEDS_CODE)
#define LIVE (CODE | NEEDS_CREATE)

const struct check checks[] = {
    {1, "manifest", 1, STATIC, 0, 5, "plugin.json is read strictly; sizes are within limits",
     check_manifest},
    {2, "names", 1, STATIC, 0, 5, "id, version and interface ids have the right form", check_names},
    {3, "digest", 1, STATIC, NEEDS_MANIFEST | NEEDS_IMAGE, 5,
     "plugin.so is the file that the digest names", check_digest},
    {4, "permissions", 1, STATIC, 0, 5,
     "nobody else can write to the files; no link leads out of the folder", check_permissions},
    {5, "elf", 1, STATIC, 0, 5, "plugin.so is a shared library for this machine", check_elf},
    {6, "info", 1, STATIC, NEEDS_IMAGE, 5,
     "hexmcp_plugin_info and hexmcp_plugin_create are there, for an ABI that is served",
     check_info},
    {7, "agreement", 1, STATIC, NEEDS_MANIFEST | NEEDS_IMAGE, 5,
     "plugin.json and plugin.so name the same plugin", check_agreement},
    {8, "exports", 1, STATIC, NEEDS_IMAGE, 5, "exactly two symbols are exported", check_exports},
    {9, "undefined", 1, STATIC, NEEDS_IMAGE | NEEDS_CHILD, 10,
     "every symbol is defined by a library that plugin.so links", check_undefined},
    {10, "hardening", 1, STATIC, NEEDS_IMAGE, 5,
     "no text relocations, executable stack, or RUNPATH into somebody's folder", check_hardening},
    {11, "libraries", 1, STATIC, NEEDS_IMAGE, 5,
     "the libraries that it links; some are better asked of the host", check_libraries},
    {12, "config-schema", 1, STATIC, NEEDS_MANIFEST, 5,
     "the settings' schema is valid and its defaults fit it", check_config_schema},
    {13, "grants", 1, STATIC, NEEDS_MANIFEST, 5, "what it asks for; wildcards are a warning",
     check_grants},
    {14, "load", 2, LOAD, CODE, 10, "it can be loaded, all symbols at once", check_load},
    {15, "create", 2, LOAD, CODE, 10, "loading and creating it works, within 100 ms", check_create},
    {16, "constructors", 2, LOAD, CODE, 10,
     "loading starts no thread, opens no descriptor, prints nothing", check_constructors},
    {17, "host-sizes", 3, LOAD, LIVE, 10, "it gets on with a newer host and with a smaller table",
     check_host_sizes},
    {18, "interface-ids", 3, LOAD, LIVE, 10,
     "it gives what it provides, and nothing for ids that nobody knows", check_interface_ids},
    {19, "create-destroy", 3, LOAD, LIVE, 20,
     "created and destroyed without init a thousand times, nothing is left", check_create_destroy},
    {20, "paths", 4, LIFE, LIVE, 60, "it can be destroyed from every state", check_paths},
    {21, "bad-config", 4, LIFE, LIVE, 20, "settings that are none do it no harm", check_bad_config},
    {22, "two-instances", 4, LIFE, LIVE, 60, "two instances live beside each other",
     check_two_instances},
    {23, "stop-threads", 5, LIFE, LIVE, 60, "no thread of it runs after stop", check_stop_threads},
    {24, "state", 5, LIFE, LIVE, 20, "a state that is saved, loaded and saved again is equal",
     check_state_round_trip},
    {25, "bad-state", 5, LIFE, LIVE, 60, "a state that is none does it no harm", check_bad_state},
    {26, "items", 5, CALLS, LIVE, 20, "what it lists and publishes is valid, its schemas compile",
     check_items},
    {27, "calls", 5, CALLS, LIVE, 120,
     "each call is completed exactly once, with a result that clients understand", check_calls},
    {28, "bad-arguments", 5, CALLS, LIVE, 120,
     "wrong and missing arguments and unknown names do it no harm", check_bad_arguments},
    {29, "cancel", 6, CALLS, LIVE, 120, "calls can be cancelled before, during, after, and twice",
     check_cancel},
    {30, "threads", 6, CALLS, LIVE, 120,
     "inline tools are quick; services are asked on the right thread", check_threads},
    {31, "late", 7, CALLS, LIVE, 120, "an answer that comes too late does no harm", check_late},
    {32, "refusals", 7, CALLS, LIVE, 120,
     "it lives with a host that answers BUSY, DENIED, NOMEM and UNAVAILABLE", check_refusals},
    {33, "fuzz", 8, HOSTILE, LIVE, 120,
     "random arguments and settings, good and bad, do it no harm", check_fuzz},
    {34, "allocation", 8, HOSTILE, LIVE | NEEDS_SERVER, 120,
     "it lives without memory: each of its allocations fails once", check_allocation},
    {35, "sanitizers", 9, HOSTILE, LIVE | NEEDS_SERVER, 600,
     "builds with sanitizers in the folder (plugin-asan.so ...) find nothing", check_sanitizers},
    {36, "isolated", 9, HOSTILE, LIVE | NEEDS_SERVER, 240,
     "in a helper process it answers as in the server's own", check_isolated},
    {37, "system-calls", 9, HOSTILE, LIVE, 120,
     "it opens no file, socket or program that its manifest does not ask for", check_system_calls},
    {38, "killed", 9, HOSTILE, LIVE | NEEDS_SERVER, 120,
     "when its helper is killed during a call, the server lives and it comes back", check_killed},
    {39, "reload", 10, HOSTILE, LIVE, 240,
     "a new copy takes over with calls and state, and the old one leaves nothing", check_reload},
    {40, "slope", 10, HOSTILE, LIVE, 240, "100,000 calls leave no memory, descriptors or threads",
     check_slope},
};
const size_t check_count = sizeof(checks) / sizeof(checks[0]);

const char *check_group_name(enum check_group group)
{
    static const char *const names[] = {"static", "load", "lifecycle", "calls", "hostile"};
    return names[group];
}
