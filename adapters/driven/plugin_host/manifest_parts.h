/* Inside of the manifest reader: what the fields of the top level need from elsewhere. */
#pragma once

#include "adapters/driven/plugin_host/manifest.h"
#include "adapters/driven/plugin_host/reader.h"

/* Begins an item; its fields are read next. */
int manifest_add_item(struct reader *r, struct manifest *m, enum item_kind kind, struct json v);
/* The item that was begun last; `out` is a struct manifest. */
struct record_item_draft *manifest_item(void *out);
/* The member `run` of a tool, and of everything else. */
int manifest_run_tool(struct reader *r, struct json v, void *out);
int manifest_run_other(struct reader *r, struct json v, void *out);
/* Members of `run` of a tool alone. */
int manifest_run_aliases(struct reader *r, struct json v, void *out);
int manifest_run_argument_aliases(struct reader *r, struct json v, void *out);
int manifest_run_category(struct reader *r, struct json v, void *out);
/* Every alias of an argument stands for a property of the tool's schema and is none itself. */
int manifest_check_argument_aliases(struct reader *r, struct json tool);
/* No two of the tools have a name in common. */
int manifest_check_aliases(struct reader *r, struct json tools);

/* `out` of every field_read below is a struct manifest. */
int manifest_read_tool(struct reader *r, struct json v, void *out);
int manifest_read_resource(struct reader *r, struct json v, void *out);
int manifest_read_template(struct reader *r, struct json v, void *out);
int manifest_read_prompt(struct reader *r, struct json v, void *out);
int manifest_read_hooks(struct reader *r, struct json v, void *out);
int manifest_read_grants(struct reader *r, struct json v, void *out);

/* MCP fields that several kinds of entries have. */
int entry_string(struct reader *r, struct json v, void *out);
int entry_object(struct reader *r, struct json v, void *out);
int entry_bool(struct reader *r, struct json v, void *out);
int entry_icons(struct reader *r, struct json v, void *out);

/* ST_INVALID if two elements of `list` have the same string under `key`. */
int entry_unique(struct reader *r, struct json list, struct str key);

/* `v` must be an object and compile as a schema. */
int manifest_schema(struct reader *r, struct json v, const struct plugin_checks *checks);
