/* UUIDs as text, and the namespaces of v5. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <uuid/uuid.h>

enum uuid_format { UUID_STANDARD, UUID_SIMPLE, UUID_URN, UUID_BRACED };

/* Room for the longest form with its NUL: "urn:uuid:" and 36 characters. */
#define UUID_TEXT_CAPACITY 46

/* "standard", "simple", "urn" or "braced". */
const char *uuid_format_name(enum uuid_format format);
/* False if there is no such format. */
bool uuid_format_find(const char *name, enum uuid_format *ret_format);

/* Lower case. */
void uuid_to_text(const uuid_t uuid, enum uuid_format format, char out[UUID_TEXT_CAPACITY]);

/* Reads all four forms, in either case. */
bool uuid_from_text(const char *text, size_t len, uuid_t out, enum uuid_format *ret_format);

/* The namespace dns, url, oid, x500 (RFC 9562), agent, tool, workflow (ours: the v5 UUID of
 * "urn:hexmcp:namespace:<name>" in the namespace url), or any UUID as text. */
bool uuid_namespace(const char *text, size_t len, uuid_t out);
