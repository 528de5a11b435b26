/*
 * What a plugin may reach beyond itself: what its manifest asks for, less what nobody granted.
 * core/policy makes it, whoever causes the effect enforces it. Nothing listed is nothing allowed.
 */
#pragma once

#include "ports/types.h"

struct plugin_grants {
    const struct str *hosts; /* rules, see core/policy/host_rule.h: "api.example.org:443"        */
    size_t host_count;
    const struct str *env; /* names of environment variables that it may see                     */
    size_t env_count;
    const struct str *programs; /* names or absolute paths of programs that it may start         */
    size_t program_count;
    const struct str *secrets; /* names; its requests may carry them                             */
    size_t secret_count;
    const struct str *revealed; /* names of secrets whose value it may see                       */
    size_t revealed_count;
    const struct str *system; /* public files of the system, by name of the set: "libraries",
                                 "timezones", "locales", "fonts", "certificates"                 */
    size_t system_count;
    const struct str *operations; /* rules of operations that it may execute, see
                                     core/policy/operation_rule.h: "session.*"                   */
    size_t operation_count;
    bool reads_paths;  /* hexmcp.files/1, for reading                                            */
    bool writes_paths; /* and for writing                                                        */
    bool direct_paths; /* a helper may also open granted folders itself, by path                 */
    uint64_t memory_bytes; /* of a helper; 0: the default                                        */
    uint32_t cpu_seconds;  /* processor time of one call in a helper; 0: the default             */
    uint32_t processes;    /* programs at once; 0: the default                                   */
};
