/*
 * Headers of a modern request over HTTP that repeat what its body says. Where one does not, the
 * request is refused: what stands before the server may have judged it by its headers.
 *
 * Each check is true at once for requests of other wires and of the handshake era. False: the
 * request has been answered.
 */
#pragma once

#include "adapters/driving/mcp/connection.h"

#define HEADER_VERSION "MCP-Protocol-Version"
#define HEADER_METHOD "Mcp-Method"
#define HEADER_NAME "Mcp-Name"
#define HEADER_PARAM "Mcp-Param-"

bool http_version_agrees(struct request *r, struct json version);
bool http_method_agrees(struct request *r, struct json method);
/* Mcp-Name, for the methods that have one. */
bool http_name_agrees(struct request *r, struct str method);
/* Mcp-Param-...: the arguments that the tool's input schema marks with x-mcp-header. `tool` may be
 * NULL: there is none of that name. */
bool http_params_agree(struct request *r, const struct item *tool);
