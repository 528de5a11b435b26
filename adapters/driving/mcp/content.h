/* Content blocks, as far as a revision knows them. */
#pragma once

#include "adapters/driving/mcp/revision.h"
#include "core/json/json.h"
#include "core/json/writer.h"

/* Writes the array `content`. A block that the revision does not know becomes a text that says what
 * it was; members that it does not know are left out. Without `content` the array holds the text of
 * `structured`. */
void content_write(struct json_writer *w, enum revision revision, struct json content,
                   struct json structured);

/* Writes one block, as content_write does. */
void content_write_block(struct json_writer *w, enum revision revision, struct json block);

/* Copies a block, a resource or annotations without the members that the revision does not know. */
void content_write_known(struct json_writer *w, enum revision revision, struct json object);

/* An array of one text block. */
void content_write_text(struct json_writer *w, struct str text);
