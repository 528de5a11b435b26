/*
 * What is known about one plugin, as one run of bytes without pointers.
 *
 * Verification makes it, the index stores it as it is, and after a start everything else reads it
 * where it lies: on the heap or in the mapped index. All offsets count from the record's begin.
 */
#pragma once

#include <sys/stat.h>

#include "adapters/driven/plugin_host/refusal.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "ports/item.h"

struct span {
    uint32_t at;
    uint32_t len;
};

/* What tells one state of a file from another; all zero if there is no file. */
struct file_key {
    uint64_t dev;
    uint64_t ino;
    uint64_t size;
    int64_t mtime_s;
    int64_t ctime_s;
    uint32_t mtime_ns;
    uint32_t ctime_ns;
};

struct record_item {
    struct span name;
    struct span json; /* its object in the manifest, `run` included */
    struct span aliases;  /* in that object: a JSON array of other names; empty: none */
    struct span category; /* in that object, without quotes                           */
    uint32_t inline_bytes;
    uint32_t timeout_ms;
    uint32_t slots;
    uint32_t queue;
    uint8_t run_inline;
    uint8_t level; /* enum tool_level   */
    uint8_t task;  /* enum task_support */
    uint8_t kind;  /* enum item_kind    */
    uint8_t task_after_input;
    uint8_t argument_aliases; /* some of its arguments have other names */
    uint8_t reserved[2];
};

enum record_text {
    TEXT_FOLDER, /* name of the bundle's folder        */
    TEXT_PLACE,  /* path of the folder that it lies in */
    TEXT_ID,     /* the folder's name if the manifest could not be read */
    TEXT_VERSION,
    TEXT_TITLE,
    TEXT_DESCRIPTION,
    TEXT_LICENSE,
    TEXT_HOMEPAGE,
    TEXT_PROVIDES, /* JSON array  */
    TEXT_CONFIG,   /* JSON Schema */
    TEXT_GRANTS,   /* JSON object */
    TEXT_DIGEST,   /* "sha256:..." as the manifest has it */
    TEXT_RESOURCES, /* JSON arrays */
    TEXT_TEMPLATES,
    TEXT_PROMPTS,
    TEXT_HOOKS,
    TEXT_NEEDED, /* needed libraries, JSON array */
    TEXT_REASON, /* why it was refused           */
    TEXT_COUNT,
};

#define RECORD_CONCURRENT 1u
#define RECORD_DYNAMIC 2u
#define RECORD_ISOLATED 4u /* the manifest demands isolation */
#define RECORD_READS_PATHS 8u /* it asks for files, to read them at least */
#define RECORD_WRITES_PATHS 16u
#define RECORD_DIRECT_PATHS 32u /* a helper of it may open granted folders by path */

struct record {
    uint32_t size; /* of the whole, a multiple of 8 */
    uint32_t refusal; /* enum refusal               */
    struct file_key manifest;
    struct file_key binary;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t min_host_minor;
    uint32_t flags;
    uint32_t item_count;
    uint32_t items_at;
    struct span text[TEXT_COUNT];
};

/* What a record is made of. */
struct record_item_draft {
    struct str name;
    struct str json;
    struct str aliases, category; /* slices of `json`, or empty */
    struct record_item run; /* the spans are not used */
};

struct record_draft {
    struct record head; /* size, items_at, item_count and text are not used */
    struct str text[TEXT_COUNT];
    const struct record_item_draft *items;
    size_t item_count;
};

/* Makes the record, from malloc. ST_TOO_LARGE above 16 MiB. */
int record_build(const struct record_draft *draft, struct record **out, struct error *err);

/* True if `size` bytes at `bytes` hold one whole record in which every offset and number is in
 * range. `bytes` must be aligned to 8. */
bool record_valid(const void *bytes, size_t size);

static inline struct str record_text(const struct record *r, enum record_text which)
{
    return (struct str){(const char *)r + r->text[which].at, r->text[which].len};
}

const struct record_item *record_item(const struct record *r, uint32_t index);
struct str record_item_name(const struct record *r, uint32_t index);
struct str record_item_json(const struct record *r, uint32_t index);
struct str record_item_aliases(const struct record *r, uint32_t index);
struct str record_item_category(const struct record *r, uint32_t index);

struct file_key file_key_of(const struct stat *st);

/* Equal in all fields. */
bool file_key_same(const struct file_key *a, const struct file_key *b);

/* Equal in size and whole seconds of the modification time: what copying and packing keep. */
bool file_key_similar(const struct file_key *a, const struct file_key *b);
