/* Inside of storage: how requests are made and answers are read. */
#pragma once

#include "adapters/driven/storage/storage.h"
#include "core/json/json.h"
#include "core/json/writer.h"

struct dumping;

struct storage {
    const struct plugin_store *store;
    const struct timer_port *timers;
    struct buffer text;      /* of the request that is being made */
    struct buffer values;    /* and its values                    */
    struct dumping *dumpings;
    uint64_t last_dump;
    struct event_store events;
    struct key_value_store values_port;
    struct blob_store blobs;
    struct search_index search;
    struct store_dump dump;
};

/* Fill the ports. */
void events_init(struct storage *s);
void values_init(struct storage *s);
void blobs_init(struct storage *s);
void search_init(struct storage *s);
void dump_init(struct storage *s);

/* Begins to write a request into s->text. */
struct json_writer ask_writer(struct storage *s);

/* Begins the operation with what was written. Without memory for the text it fails. */
uint64_t ask_begin(struct storage *s, const struct store_request *request,
                       const struct store_sink *sink);

/* The sink hears that there is no memory. */
void ask_no_memory(const struct store_sink *sink);

/* ST_PROTOCOL: "the store's answer to WHAT does not fit". */
int answer_broken(struct error *err, const char *what);

/* Parses an answer, an object. ST_PROTOCOL, ST_NOMEM. */
int answer_parse(struct str json, const char *what, struct json_doc **out, struct error *err);

/* False if there is no such number. */
bool answer_number(struct json object, struct str key, uint64_t *out);

/* False if it is not there, or not a bool. */
bool answer_bool(struct json object, struct str key);
