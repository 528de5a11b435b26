/*
 * How a value lies in the store: one line, a JSON object of what is known about it, then the value as
 * it was written.
 *
 *   {"class":"standard","schema":1,"at":1763756582000,"expires":0}
 *   {"theme":"dark"}
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"

/* What a value is, which says how it is looked at before it is kept. */
enum state_class {
    STATE_EPHEMERAL, /* never stored: in the memory of this process, gone when it ends             */
    STATE_TRUSTED,   /* made by hexmcp itself: not looked at                                       */
    STATE_STANDARD,  /* searched for names and known shapes of secrets                             */
    STATE_SENSITIVE, /* encrypted, or refused where no key is configured                           */
    STATE_EXTERNAL,  /* came from outside: also searched for what looks drawn at random            */
};

#define STATE_CLASSES 5

struct state_facts {
    enum state_class value_class;
    uint32_t schema;    /* version of the value's shape, from 1                                    */
    int64_t updated_ms; /* UTC, milliseconds since 1970                                            */
    int64_t expires_ms; /* 0: never                                                                */
};

struct str state_class_name(enum state_class value_class);
bool state_class_from(struct str name, enum state_class *out);

void state_entry_write(struct buffer *out, const struct state_facts *facts, struct str value);

/* *value is a part of `stored`. ST_PROTOCOL: it is no entry, or from a later version of hexmcp. */
int state_entry_read(struct str stored, struct state_facts *facts, struct str *value,
                     struct error *err);
