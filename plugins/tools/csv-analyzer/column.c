/*
 * SPDX-License-Identifier: MIT
 */
#include "column.h"

#include <math.h>

static uint64_t hash_of(hexmcp_str text)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 1099511628211u;
    return hash ^ hash >> 29;
}

/* ---- different values ----------------------------------------------------------------------- */

/* The slot of the text, or the free one where it belongs. */
static uint64_t *slot_of(const struct column *c, hexmcp_str text)
{
    for (uint64_t at = hash_of(text);; at++) {
        uint64_t *slot = &c->slots[at & (c->slot_count - 1)];
        if (!*slot)
            return slot;
        hexmcp_str other = c->texts[*slot - 1];
        if (other.len == text.len && memcmp(other.ptr, text.ptr, text.len) == 0)
            return slot;
    }
}

static bool grow_slots(struct column *c)
{
    size_t count = c->slot_count ? c->slot_count * 2 : 64;
    uint64_t *slots = calloc(count, sizeof(*slots));
    if (!slots)
        return false;
    free(c->slots);
    c->slots = slots;
    c->slot_count = count;
    for (size_t i = 0; i < c->unique; i++)
        *slot_of(c, c->texts[i]) = i + 1;
    return true;
}

static bool grow_texts(struct column *c)
{
    size_t room = c->room ? c->room * 2 : 32;
    hexmcp_str *texts = realloc(c->texts, room * sizeof(*texts));
    if (!texts)
        return false;
    c->texts = texts;
    c->room = room;
    return true;
}

static bool note_text(struct column *c, hexmcp_str text)
{
    if (2 * (c->unique + 1) > c->slot_count && !grow_slots(c))
        return false;
    uint64_t *slot = slot_of(c, text);
    if (*slot)
        return true;
    char *copy = malloc(text.len + 1);
    if (!copy || (c->unique == c->room && !grow_texts(c))) {
        free(copy);
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    c->texts[c->unique++] = (hexmcp_str){copy, text.len};
    *slot = c->unique;
    return true;
}

/* ---- values --------------------------------------------------------------------------------- */

static bool note_number(struct column *c, hexmcp_str text)
{
    double number;
    if (!value_number(text, &number))
        return true;
    if (c->number_count == c->number_room) {
        size_t room = c->number_room ? c->number_room * 2 : 64;
        double *numbers = realloc(c->numbers, room * sizeof(*numbers));
        if (!numbers)
            return false;
        c->numbers = numbers;
        c->number_room = room;
    }
    c->numbers[c->number_count++] = number;
    return true;
}

static uint64_t characters(hexmcp_str text)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

bool column_add(struct column *c, hexmcp_str text)
{
    c->count++;
    c->type = value_join(c->type, value_type_of(text));
    if (text.len == 0) {
        c->empty++;
        return true;
    }
    uint64_t len = characters(text);
    if (c->count - c->empty == 1 || len < c->shortest)
        c->shortest = len;
    c->longest = len > c->longest ? len : c->longest;
    return note_number(c, text) && note_text(c, text);
}

/* ---- statistics ----------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void put_number(hexmcp_json_writer *w, const char *key, double number)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_double(w, number);
}

static void put_numbers(const struct column *c, hexmcp_json_writer *w)
{
    size_t n = c->number_count;
    long double sum = 0, squares = 0;
    qsort(c->numbers, n, sizeof(double), compare_numbers);
    for (size_t i = 0; i < n; i++)
        sum += c->numbers[i];
    long double mean = sum / (long double)n;
    for (size_t i = 0; i < n; i++)
        squares += (c->numbers[i] - mean) * (c->numbers[i] - mean);
    put_number(w, "min", c->numbers[0]);
    put_number(w, "max", c->numbers[n - 1]);
    put_number(w, "sum", (double)sum);
    put_number(w, "mean", (double)mean);
    put_number(w, "median", n % 2 ? c->numbers[n / 2] : (c->numbers[n / 2 - 1] + c->numbers[n / 2]) / 2);
    if (n > 1)
        put_number(w, "std_dev", (double)sqrtl(squares / (long double)(n - 1)));
}

/* The texts of dates are in the order of time. */
static void put_dates(const struct column *c, hexmcp_json_writer *w)
{
    hexmcp_str low = c->texts[0], high = c->texts[0];
    for (size_t i = 1; i < c->unique; i++) {
        if (strcmp(c->texts[i].ptr, low.ptr) < 0)
            low = c->texts[i];
        if (strcmp(c->texts[i].ptr, high.ptr) > 0)
            high = c->texts[i];
    }
    hexmcp_json_put_string(w, "min", low);
    hexmcp_json_put_string(w, "max", high);
}

static void put_samples(const struct column *c, hexmcp_json_writer *w)
{
    hexmcp_json_key(w, "samples");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < c->unique && i < COLUMN_SAMPLES; i++) {
        hexmcp_str text = c->texts[i];
        if (text.len <= COLUMN_SAMPLE_MOST)
            hexmcp_json_write_string(w, text);
    }
    hexmcp_json_end_array(w);
}

void column_put(struct column *c, hexmcp_json_writer *w)
{
    hexmcp_json_put_text(w, "data_type", value_names[c->type]);
    hexmcp_json_put_int64(w, "null_count", (int64_t)c->empty);
    hexmcp_json_put_int64(w, "unique_count", (int64_t)c->unique);
    if ((c->type == VALUE_INTEGER || c->type == VALUE_NUMBER) && c->number_count > 0)
        put_numbers(c, w);
    if (c->type == VALUE_DATE || c->type == VALUE_DATETIME)
        put_dates(c, w);
    if (c->type == VALUE_TEXT) {
        hexmcp_json_put_int64(w, "min_length", (int64_t)c->shortest);
        hexmcp_json_put_int64(w, "max_length", (int64_t)c->longest);
    }
    put_samples(c, w);
}

void column_free(struct column *c)
{
    for (size_t i = 0; i < c->unique; i++)
        free((char *)(uintptr_t)c->texts[i].ptr);
    free(c->texts);
    free(c->slots);
    free(c->numbers);
}
