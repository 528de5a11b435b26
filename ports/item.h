/*
 * What a plugin offers and a client can list: a tool, a resource, a resource template, a prompt.
 */
#pragma once

#include "ports/types.h"

enum item_kind { ITEM_TOOL, ITEM_RESOURCE, ITEM_TEMPLATE, ITEM_PROMPT };
#define ITEM_KINDS 4

enum tool_level { TOOL_SAFE, TOOL_RESTRICTED, TOOL_PRIVILEGED };
enum task_support { TASK_FORBIDDEN, TASK_OPTIONAL, TASK_REQUIRED };

/* One of them. Its text lives as long as the registry holds it, or as long as it is held with
 * registry_ref. */
struct item {
    enum item_kind kind;
    struct str name;       /* as clients know it, unique in its kind: the name of a tool or prompt,
                              the URI of a resource, the URI template                            */
    struct str local_name; /* as its plugin knows it                                             */
    struct str plugin_id;
    struct str json;       /* its object in the manifest, with `run`, untouched                  */
    struct str callers;    /* JSON array of the ids of callers that may see it; empty: all       */
    struct str aliases;    /* tools: JSON array of names that it can be called by, too; empty: none */
    struct str category;   /* tools: a word such as "files"; empty: none                         */
    uint64_t order;        /* its place in the list: rises with each registration                */
    uint32_t plugin;       /* the runtime's number of the plugin                                 */
    uint32_t timeout_ms;   /* time limit of one call                                             */
    uint32_t slots;        /* calls of it at once, on workers                                    */
    uint32_t queue;        /* calls that may wait for a slot                                     */
    uint32_t plugin_slots; /* calls of the whole plugin at once; 0: no limit but `slots`         */
    bool run_inline;       /* tools: may run on the loop thread ...                              */
    uint32_t inline_bytes; /* ... if its arguments are not longer than this                      */
    enum tool_level level;
    enum task_support task_support; /* tools */
    bool task_after_input;          /* ... its task begins when the first round has been answered */
    bool argument_aliases;          /* tools: some of its arguments have other names, see run */
};

/* What can be asked of an item. */
enum action {
    ACTION_CALL,     /* of a tool                                */
    ACTION_READ,     /* of a resource or template                */
    ACTION_RENDER,   /* of a prompt                              */
    ACTION_COMPLETE, /* of an argument of a prompt or template   */
    ACTION_SELF_TEST, /* of a plugin itself: no item is named    */
    ACTION_HOOK,      /* of a hook of a plugin, which is no item */
};
