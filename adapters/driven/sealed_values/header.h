/*
 * What stands in front of a value that is encrypted, compressed, or looks like one that is:
 *
 *   "HXV1"  flags (1)  length of the key's id (1)  key's id  length of the clear value (8, little
 *   endian)  nonce (24, if encrypted)
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"

#define SEALED_COMPRESSED 1u
#define SEALED_ENCRYPTED 2u

#define SEALED_ID_MAX 32

struct sealed_header {
    unsigned flags;
    struct str key_id;    /* part of the text */
    uint64_t clear_len;
    struct str nonce;     /* empty if it is not encrypted */
    struct str bound;     /* the bytes in front of the nonce, which the encryption covers         */
    struct str payload;
};

/* True if the value begins with a header, perhaps a malformed one. */
bool sealed_has_header(struct str value);

/* ST_PROTOCOL: malformed, or of a later version of hexmcp. */
int sealed_header_read(struct str value, struct sealed_header *out, struct error *err);

/* Appends the header up to the nonce. */
void sealed_header_write(struct buffer *out, unsigned flags, struct str key_id, uint64_t clear_len);
