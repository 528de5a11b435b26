/* The table of checks. Numbers and names are stable: people and CI files name them. */
#include "adapters/driving/validator/checks_static.h"

#define STATIC GROUP_STATIC

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
     "hexmcp_plugin_info and hexmcp_plugin_create are there, for an ABI that is served", check_info},
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
};
const size_t check_count = sizeof(checks) / sizeof(checks[0]);

const char *check_group_name(enum check_group group)
{
    static const char *const names[] = {"static", "load", "lifecycle", "calls", "hostile"};
    return names[group];
}
