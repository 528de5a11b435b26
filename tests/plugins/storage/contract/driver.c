#include "driver.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void store_open(struct store *s, const char *path, const char *config)
{
    hexmcp_error err;
    hexmcp_fake *fake = hexmcp_fake_new();
    memset(s, 0, sizeof(*s));
    hexmcp_fake_real_time(fake);
    hexmcp_fake_limit(fake, 120000);
    if (hexmcp_fake_create_from(&s->p, fake, path, &err) != HEXMCP_OK)
        fail_msg("%s: %s", path, err.text);
    hexmcp_fake_stream_begin(&s->stream, fake);
    if (hexmcp_fake_init(&s->p, config, &err) != HEXMCP_OK ||
        hexmcp_fake_start(&s->p, &err) != HEXMCP_OK)
        fail_msg("%s: %s", path, err.text);
    s->events = hexmcp_fake_interface(&s->p, HEXMCP_EVENTSTORE_1);
    s->kv = hexmcp_fake_interface(&s->p, HEXMCP_KV_STORE_1);
    s->blob = hexmcp_fake_interface(&s->p, HEXMCP_BLOB_1);
    s->search = hexmcp_fake_interface(&s->p, HEXMCP_SEARCH_1);
    s->dump = hexmcp_fake_interface(&s->p, HEXMCP_DUMP_1);
    assert_true(s->events && s->kv && s->blob && s->search && s->dump);
}

void store_close(struct store *s)
{
    hexmcp_fake_destroy(&s->p);
    hexmcp_fake_stream_end(&s->stream);
    hexmcp_fake_free(s->p.fake);
}

static int32_t events_call(const hexmcp_eventstore_1 *t, enum op op, hexmcp_call call,
                           hexmcp_str space, hexmcp_str a, hexmcp_error *err)
{
    switch (op) {
    case OP_APPEND:
        return t->append(t->self, call, space, a, err);
    case OP_READ:
        return t->read(t->self, call, space, a, err);
    case OP_READ_ALL:
        return t->read_all(t->self, call, space, a, err);
    case OP_PROJECT:
        return t->project(t->self, call, space, a, err);
    default:
        return t->rows(t->self, call, space, a, err);
    }
}

static int32_t kv_call(const hexmcp_kv_store_1 *t, enum op op, hexmcp_call call, hexmcp_str space,
                       const hexmcp_str *x, hexmcp_error *err)
{
    switch (op) {
    case OP_GET:
        return t->get(t->self, call, space, x[0], err);
    case OP_SET:
        return t->set(t->self, call, space, x[0], x[1], x[2], err);
    case OP_REMOVE:
        return t->remove(t->self, call, space, x[0], x[1], err);
    case OP_LIST:
        return t->list(t->self, call, space, x[0], err);
    default:
        return t->apply(t->self, call, space, x[0], x[1], err);
    }
}

static int32_t blob_call(const hexmcp_blob_1 *t, enum op op, hexmcp_call call, hexmcp_str space,
                         const hexmcp_str *x, hexmcp_error *err)
{
    switch (op) {
    case OP_PUT:
        return t->put(t->self, call, space, x[0], x[1], err);
    case OP_BLOB_GET:
        return t->get(t->self, call, space, x[0], x[1], err);
    case OP_STAT:
        return t->stat(t->self, call, space, x[0], err);
    case OP_BLOB_LIST:
        return t->list(t->self, call, space, x[0], err);
    default:
        return t->remove(t->self, call, space, x[0], err);
    }
}

static int32_t dispatch(struct store *s, enum op op, hexmcp_call call, hexmcp_str space,
                        const hexmcp_str *x, hexmcp_error *err)
{
    if (op <= OP_ROWS)
        return events_call(s->events, op, call, space, x[0], err);
    if (op <= OP_APPLY)
        return kv_call(s->kv, op, call, space, x, err);
    if (op <= OP_BLOB_REMOVE)
        return blob_call(s->blob, op, call, space, x, err);
    if (op == OP_INDEX)
        return s->search->index(s->search->self, call, space, x[0], err);
    if (op == OP_UNINDEX)
        return s->search->remove(s->search->self, call, space, x[0], err);
    if (op == OP_QUERY)
        return s->search->query(s->search->self, call, space, x[0], err);
    if (op == OP_DUMP)
        return s->dump->dump(s->dump->self, call, x[0], err);
    return s->dump->restore(s->dump->self, call, err);
}

/* In a block of its own size, so that a sanitizer sees a read past its end or after it is gone. */
static hexmcp_str block(hexmcp_str text)
{
    char *copy = malloc(text.len ? text.len : 1);
    assert_non_null(copy);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return (hexmcp_str){copy, text.len};
}

static void unblock(hexmcp_str text)
{
    free((char *)(uintptr_t)text.ptr);
}

struct asked begin_with(struct store *s, enum op op, const char *space, hexmcp_str a, hexmcp_str b,
                        hexmcp_str c)
{
    struct asked asked = {.op = op, .call = hexmcp_fake_open(s->p.fake)};
    hexmcp_str name = block(str(space));
    hexmcp_str x[3] = {block(a), block(b), block(c)};
    asked.err.size = sizeof(asked.err);
    asked.status = dispatch(s, op, asked.call, name, x, &asked.err);
    for (int i = 0; i < 3; i++)
        unblock(x[i]);
    unblock(name);
    return asked;
}

struct asked begin(struct store *s, enum op op, const char *space, const char *a, const char *b)
{
    hexmcp_str none = str(op == OP_SET ? "{}" : "");
    return begin_with(s, op, space, str(a ? a : ""), str(b ? b : ""), none);
}

/* The room that a text of so many bytes has: a power of two. */
static size_t room(size_t len)
{
    size_t size = 64;
    while (size < len + 1)
        size *= 2;
    return size;
}

static void add(char **to, size_t *len, const char *bytes, size_t more)
{
    if (!*to || room(*len + more) != room(*len))
        *to = realloc(*to, room(*len + more));
    assert_non_null(*to);
    if (more > 0)
        memcpy(*to + *len, bytes, more);
    *len += more;
    (*to)[*len] = '\0';
}

/* Takes the pieces of the call away from the fake host. */
static void take_pieces(struct store *s, hexmcp_call call, struct got *got)
{
    hexmcp_fake_piece **at = &s->stream.pieces;
    size_t len = 0;
    add(&got->pieces, &len, "[", 1);
    pthread_mutex_lock(&s->p.fake->mutex);
    while (*at) {
        hexmcp_fake_piece *piece = *at;
        if (piece->call != call) {
            at = &piece->next;
            continue;
        }
        got->lens = realloc(got->lens, (got->count + 1) * sizeof(*got->lens));
        assert_non_null(got->lens);
        got->lens[got->count] = piece->len;
        if (got->count++ > 0)
            add(&got->pieces, &len, ",", 1);
        add(&got->pieces, &len, piece->json, strlen(piece->json));
        add(&got->bytes, &got->len, piece->bytes, piece->len);
        *at = piece->next;
        free(piece->json);
        free(piece->bytes);
        free(piece);
    }
    s->stream.last_ = at;
    pthread_mutex_unlock(&s->p.fake->mutex);
    add(&got->pieces, &len, "]", 1);
    add(&got->bytes, &got->len, "", 0);
}

static void take_error(struct got *got, const char *json)
{
    hexmcp_str value;
    int64_t code = HEXMCP_E_GENERIC;
    if (hexmcp_json_get(str(json), "code", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &code);
    got->code = (int32_t)code;
    if (hexmcp_json_get(str(json), "message", &value) == HEXMCP_OK)
        hexmcp_json_string_dup(value, &got->text, NULL);
}

struct got end(struct store *s, struct asked *asked)
{
    struct got got = {0};
    hexmcp_fake_answer answer;
    hexmcp_fake_close(s->p.fake, asked->call, asked->status, &asked->err, &answer);
    take_pieces(s, asked->call, &got);
    if (answer.status < HEXMCP_OK) {
        got.code = answer.status;
        got.text = strdup(answer.error.text);
    } else if (answer.outcome == HEXMCP_RESULT) {
        got.text = strdup(answer.json);
    } else if (answer.outcome == HEXMCP_CANCELLED) {
        got.code = HEXMCP_E_CANCELLED;
    } else {
        take_error(&got, answer.json);
    }
    if (!got.text)
        got.text = strdup("");
    hexmcp_fake_answer_free(&answer);
    return got;
}

void got_free(struct got *got)
{
    free(got->text);
    free(got->pieces);
    free(got->bytes);
    free(got->lens);
    memset(got, 0, sizeof(*got));
}

struct got ask_with(struct store *s, enum op op, const char *space, hexmcp_str a, hexmcp_str b,
                    hexmcp_str c)
{
    struct asked asked = begin_with(s, op, space, a, b, c);
    return end(s, &asked);
}

struct got ask(struct store *s, enum op op, const char *space, const char *a, const char *b)
{
    struct asked asked = begin(s, op, space, a, b);
    return end(s, &asked);
}

void cancel(struct store *s, const struct asked *asked)
{
    hexmcp_fake_mark_cancelled(s->p.fake, asked->call);
    if (asked->op <= OP_ROWS && HEXMCP_HAS(s->events, cancel))
        s->events->cancel(s->events->self, asked->call);
    else if (asked->op > OP_ROWS && asked->op <= OP_APPLY && HEXMCP_HAS(s->kv, cancel))
        s->kv->cancel(s->kv->self, asked->call);
    else if (asked->op > OP_APPLY && asked->op <= OP_BLOB_REMOVE && HEXMCP_HAS(s->blob, cancel))
        s->blob->cancel(s->blob->self, asked->call);
    else if (asked->op > OP_BLOB_REMOVE && asked->op <= OP_QUERY && HEXMCP_HAS(s->search, cancel))
        s->search->cancel(s->search->self, asked->call);
    else if (asked->op > OP_QUERY && HEXMCP_HAS(s->dump, cancel))
        s->dump->cancel(s->dump->self, asked->call);
}

void check_answer(struct store *s, enum op op, const char *space, const char *a, const char *b,
                  const char *expected, const char *file, int line)
{
    struct got got = ask(s, op, space, a, b);
    if (got.code != HEXMCP_OK) {
        print_error("%s:%d: error %d: %s\n", file, line, (int)got.code, got.text);
        _fail(file, line);
    }
    check_same(a, got.text, expected, file, line);
    got_free(&got);
}

void check_error(struct store *s, enum op op, const char *space, const char *a, const char *b,
                 int32_t code, const char *file, int line)
{
    struct got got = ask(s, op, space, a, b);
    if (got.code != code || got.text[0] == '\0') {
        print_error("%s:%d: %d instead of the error %d: %s\n", file, line, (int)got.code, (int)code,
                    got.text);
        _fail(file, line);
    }
    got_free(&got);
}

struct got put(struct store *s, const char *space, const char *key, const char *bytes, size_t len,
               size_t piece)
{
    struct asked asked = begin(s, OP_PUT, space, key, textf("{\"bytes\":%zu}", len));
    size_t at = 0;
    int32_t status = HEXMCP_OK;
    while (asked.status == HEXMCP_PENDING && status == HEXMCP_OK) {
        size_t n = len - at < piece ? len - at : piece;
        hexmcp_str part = block(bytes_of(bytes + at, n));
        at += n;
        while ((status = s->blob->write(s->blob->self, asked.call, part,
                                        at == len ? HEXMCP_BLOB_LAST : 0, &asked.err)) ==
               HEXMCP_E_BUSY) {
            hexmcp_fake_turn(s->p.fake);
            usleep(1000);
        }
        unblock(part);
        hexmcp_fake_turn(s->p.fake);
        if (at == len)
            break;
    }
    /* A put that was completed as failed before says HEXMCP_E_NOT_FOUND to what comes behind. */
    if (status < HEXMCP_OK && status != HEXMCP_E_NOT_FOUND)
        asked.status = status;
    return end(s, &asked);
}

int32_t load(struct store *s, struct asked *restore, hexmcp_str json, hexmcp_str bytes,
             uint32_t flags)
{
    hexmcp_str a = block(json), b = block(bytes);
    int32_t status;
    for (;;) {
        status = s->dump->load(s->dump->self, restore->call, a, b, flags, &restore->err);
        if (status != HEXMCP_E_BUSY)
            break;
        hexmcp_fake_turn(s->p.fake);
        usleep(1000);
    }
    unblock(a);
    unblock(b);
    if (status < HEXMCP_OK && status != HEXMCP_E_NOT_FOUND)
        restore->status = status;
    return status;
}

/* ---- JSON ---- */

static int same_text(hexmcp_str a, hexmcp_str b)
{
    char *x = NULL, *y = NULL;
    size_t m, n;
    int same = hexmcp_json_string_dup(a, &x, &m) == HEXMCP_OK &&
               hexmcp_json_string_dup(b, &y, &n) == HEXMCP_OK && m == n && memcmp(x, y, m) == 0;
    free(x);
    free(y);
    return same;
}

static size_t members(hexmcp_str v)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(v);
    size_t n = 0;
    while (hexmcp_json_next(&it, NULL, NULL))
        n++;
    return n;
}

static int same_object(hexmcp_str a, hexmcp_str b)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(a);
    hexmcp_str key, value, other;
    if (members(a) != members(b))
        return 0;
    while (hexmcp_json_next(&it, &key, &value)) {
        char name[600];
        if (hexmcp_json_string(key, name, sizeof(name), NULL) != HEXMCP_OK ||
            hexmcp_json_get(b, name, &other) != HEXMCP_OK || !same_json(value, other))
            return 0;
    }
    return 1;
}

static int same_array(hexmcp_str a, hexmcp_str b)
{
    hexmcp_json_iter i = hexmcp_json_iter_begin(a), j = hexmcp_json_iter_begin(b);
    hexmcp_str x, y;
    for (;;) {
        int more = hexmcp_json_next(&i, NULL, &x), also = hexmcp_json_next(&j, NULL, &y);
        if (!more || !also)
            return more == also;
        if (!same_json(x, y))
            return 0;
    }
}

int same_json(hexmcp_str a, hexmcp_str b)
{
    int type = hexmcp_json_type(a);
    double x, y;
    if (type != hexmcp_json_type(b))
        return 0;
    if (type == HEXMCP_JSON_OBJECT)
        return same_object(a, b);
    if (type == HEXMCP_JSON_ARRAY)
        return same_array(a, b);
    if (type == HEXMCP_JSON_STRING)
        return same_text(a, b);
    if (type == HEXMCP_JSON_NUMBER)
        return hexmcp_json_double(a, &x) == HEXMCP_OK && hexmcp_json_double(b, &y) == HEXMCP_OK &&
               !(x < y) && !(x > y);
    a = hexmcp_json_trim_(a);
    b = hexmcp_json_trim_(b);
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

void check_same(const char *what, const char *got, const char *expected, const char *file, int line)
{
    if (same_json(str(got), str(expected)))
        return;
    print_error("%s:%d: %.300s\n  got      %.2000s\n  expected %.2000s\n", file, line,
                what ? what : "", got, expected);
    _fail(file, line);
}

const char *textf(const char *format, ...)
{
    /* Kept in a list, so that a leak checker is content. */
    static struct kept {
        struct kept *next;
        char text[];
    } *kept;
    va_list args;
    int len;
    struct kept *one;
    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    one = malloc(sizeof(*one) + (size_t)len + 1);
    assert_non_null(one);
    va_start(args, format);
    vsnprintf(one->text, (size_t)len + 1, format, args);
    va_end(args);
    one->next = kept;
    kept = one;
    return one->text;
}

int64_t member(const char *json, const char *key)
{
    hexmcp_str value;
    int64_t number = -1;
    if (hexmcp_json_get(str(json), key, &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &number);
    return number;
}

const char *joined(const struct got *got, const char *list)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(str(got->pieces));
    hexmcp_str piece, items, item;
    char *text = NULL;
    size_t len = 0;
    const char *kept;
    add(&text, &len, "[", 1);
    while (hexmcp_json_next(&it, NULL, &piece)) {
        hexmcp_json_iter inner;
        if (hexmcp_json_get(piece, list, &items) != HEXMCP_OK)
            continue;
        inner = hexmcp_json_iter_begin(items);
        while (hexmcp_json_next(&inner, NULL, &item)) {
            if (len > 1)
                add(&text, &len, ",", 1);
            add(&text, &len, item.ptr, item.len);
        }
    }
    add(&text, &len, "]", 1);
    kept = textf("%s", text);
    free(text);
    return kept;
}
