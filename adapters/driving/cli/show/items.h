/* Lists and definitions of the items of one kind. */
#pragma once

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/show/page.h"
#include "core/json/writer.h"

/* What "list" does for a kind: a line for each item, or with --json the definitions. Returns the exit
 * code. */
int items_print(struct app *app, const struct invocation *inv, enum item_kind kind, unsigned width);

/* Prints a line for each item: its name and the first sentence about it. `width`: of the names. */
void items_list(struct app *app, enum item_kind kind, unsigned width);

/* Writes the definitions into an array that is open, as clients get them and with the plugin. */
void items_write(struct app *app, enum item_kind kind, struct json_writer *w);

/* Writes one definition. */
void item_write(struct json_writer *w, const struct item *item, struct json definition);

/* Prints title, description and the like: what all kinds have. */
void item_show_head(const struct page *page, const struct item *item, struct json definition);

/* Prints the plugin, the time limit and the like. */
void item_show_limits(const struct page *page, const struct item *item);

/* Prints the annotations, if there are any: the hints of a tool in words. */
void item_show_annotations(const struct page *page, struct json annotations);

/* The item, or ST_NOT_FOUND with a text that names the nearest one and `list`, the command that lists
 * them. */
int item_find(struct app *app, enum item_kind kind, struct str name, const char *list,
              const struct item **out, struct error *err);

typedef void item_show_fn(const struct page *page, const struct item *item, struct json definition);

/* Prints one item: as JSON, or by `show`. */
int item_print(const struct item *item, bool as_json, item_show_fn *show, struct error *err);

/* Prints the text and a line end, and frees it. */
void print_buffer(struct buffer *text);
