/* What a client can be asked for. */
#pragma once

#include "adapters/driving/mcp/revision.h"
#include "core/json/json.h"

/* One bit for each thing that the client declared and that the revision knows. */
struct client_abilities {
    bool sampling : 1;
    bool sampling_tools : 1;
    bool sampling_context : 1; /* includeContext other than none */
    bool roots : 1;
    bool roots_list_changed : 1; /* it sends notifications/roots/list_changed */
    bool elicitation_form : 1;
    bool elicitation_url : 1;
    bool tasks : 1; /* the extension io.modelcontextprotocol/tasks */
};

/* Reads the `capabilities` of initialize or the clientCapabilities of a modern request. What is
 * absent or no object was not declared. */
struct client_abilities client_abilities_read(struct json capabilities, enum revision revision);
