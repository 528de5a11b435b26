/*
 * The fields of a body: numbers in 4 or 8 bytes, a text as its length in 4 bytes and its bytes.
 * Reading checks every length; what is wrong or missing is remembered, and everything after it is
 * zero.
 */
#pragma once

#include "core/base/buffer.h"

void wire_put_u8(struct buffer *b, uint8_t value);
void wire_put_u32(struct buffer *b, uint32_t value);
void wire_put_i32(struct buffer *b, int32_t value);
void wire_put_u64(struct buffer *b, uint64_t value);
void wire_put_f64(struct buffer *b, double value);
/* Of less than 4 GiB. */
void wire_put_text(struct buffer *b, struct str text);

struct wire_fields {
    const char *at, *end;
    bool failed;
};

struct wire_fields wire_fields(struct str body);
uint8_t wire_u8(struct wire_fields *f);
/* 0 or 1. */
bool wire_bool(struct wire_fields *f);
uint32_t wire_u32(struct wire_fields *f);
int32_t wire_i32(struct wire_fields *f);
uint64_t wire_u64(struct wire_fields *f);
double wire_f64(struct wire_fields *f);
/* Borrowed from the body. */
struct str wire_text(struct wire_fields *f);

/* True if nothing failed and nothing is left. */
bool wire_fields_end(const struct wire_fields *f);
