#include "core/operation/operations.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/nearest.h"
#include "core/base/str.h"
#include "core/schema/schema.h"

struct entry {
    const struct operation *operation;
    void *domain;
    struct schema *schema; /* of the arguments, once it was needed */
};

struct operations {
    const struct regex_port *regex;
    struct entry *entries; /* by name */
    size_t count;
    struct operation_call *calls;
    uint64_t last_id;
    struct operation_service service;
};

struct operation_call {
    struct operation_call *next, **at;
    uint64_t id;
    struct operation_observer observer; /* its functions are NULL after cancel() */
    bool cancelled;
    struct json_doc *arguments;
    char *bytes;
    size_t bytes_len;
    char *texts; /* of the context and its caller */
    struct caller caller;
    struct call_context context;
};

static struct entry *find(const struct operations *ops, struct str name)
{
    size_t low = 0, high = ops->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(str_from(ops->entries[middle].operation->name), name);
        if (order == 0)
            return &ops->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void call_free(struct operation_call *call)
{
    json_free(call->arguments);
    free(call->bytes);
    free(call->texts);
    free(call);
}

/* Takes the call out of the table. */
static void call_end(struct operation_call *call)
{
    *call->at = call->next;
    if (call->next)
        call->next->at = call->at;
    call_free(call);
}

void operation_answer(struct operation_call *call, struct str json)
{
    if (!call->cancelled)
        call->observer.done(call->observer.arg, NULL, json);
    call_end(call);
}

void operation_fail(struct operation_call *call, const struct error *err)
{
    if (!call->cancelled)
        call->observer.done(call->observer.arg, err, (struct str){NULL, 0});
    call_end(call);
}

bool operation_piece(struct operation_call *call, struct str json, struct str bytes)
{
    if (call->cancelled || !call->observer.piece)
        return false;
    call->observer.piece(call->observer.arg, json, bytes);
    return true;
}

struct json operation_arguments(const struct operation_call *call)
{
    return json_root(call->arguments);
}

struct str operation_bytes(const struct operation_call *call)
{
    return (struct str){call->bytes, call->bytes_len};
}

const struct call_context *operation_context(const struct operation_call *call)
{
    return &call->context;
}

bool operation_cancelled(const struct operation_call *call)
{
    return call->cancelled;
}

static int unknown(const struct operations *ops, struct str name, struct error *err)
{
    struct nearest near = {.word = name};
    for (size_t i = 0; i < ops->count; i++)
        nearest_offer(&near, str_from(ops->entries[i].operation->name));
    if (near.best.len)
        return error_set(err, ST_NOT_FOUND,
                         "there is no operation \"%.*s\"; did you mean \"%.*s\"?",
                         (int)(name.len > 80 ? 80 : name.len), name.ptr, STR_ARG(near.best));
    return error_set(err, ST_NOT_FOUND, "there is no operation \"%.*s\"",
                     (int)(name.len > 80 ? 80 : name.len), name.ptr);
}

static int check(const struct operations *ops, struct entry *entry, struct json arguments,
                 struct error *err)
{
    int rc = ST_OK;
    if (!entry->schema)
        rc = schema_compile_text(str_from(entry->operation->arguments), ops->regex, &entry->schema,
                                 err);
    if (!rc)
        rc = schema_check(entry->schema, arguments, err);
    if (rc)
        error_prefix(err, "%s: ", entry->operation->name);
    return rc;
}

static char *copy_of(struct str text)
{
    char *copy = malloc(text.len + 1);
    if (copy) {
        if (text.len)
            memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
    }
    return copy;
}

static struct str put_text(char **at, struct str text)
{
    struct str kept = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return kept;
}

static bool keep_context(struct operation_call *call, const struct call_context *given)
{
    const struct caller *caller = given->caller;
    char *at = malloc(given->traceparent.len + given->tracestate.len + caller->id.len +
                      caller->tenant.len + 1);
    if (!at)
        return false;
    call->texts = at;
    call->caller = *caller;
    call->caller.id = put_text(&at, caller->id);
    call->caller.tenant = put_text(&at, caller->tenant);
    call->context = (struct call_context){
        .caller = &call->caller,
        .wall_ms = given->wall_ms,
        .monotonic_ns = given->monotonic_ns,
        .deadline_ns = given->deadline_ns,
        .traceparent = put_text(&at, given->traceparent),
    };
    call->context.tracestate = put_text(&at, given->tracestate);
    return true;
}

/* What of the request is used after execute() has returned. */
static int keep(struct operation_call *call, const struct operation_request *request,
                struct error *err)
{
    call->bytes = copy_of(request->bytes);
    call->bytes_len = request->bytes.len;
    if (!call->bytes || !keep_context(call, request->context))
        return error_set(err, ST_NOMEM, "out of memory");
    struct str arguments = request->arguments.len ? request->arguments : STR("{}");
    char *copy = copy_of(arguments);
    return copy ? json_parse_take(copy, arguments.len, &call->arguments, err)
                : error_set(err, ST_NOMEM, "out of memory");
}

static int begin(struct operations *ops, const struct operation_request *request,
                 struct entry **entry, struct operation_call **out, struct error *err)
{
    *entry = find(ops, request->name);
    if (!*entry)
        return unknown(ops, request->name, err);
    struct operation_call *call = calloc(1, sizeof(*call));
    if (!call)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = keep(call, request, err);
    if (!rc)
        rc = check(ops, *entry, json_root(call->arguments), err);
    if (rc) {
        call_free(call);
        return rc;
    }
    *out = call;
    return ST_OK;
}

static void link_call(struct operations *ops, struct operation_call *call)
{
    call->id = ++ops->last_id;
    call->next = ops->calls;
    call->at = &ops->calls;
    if (call->next)
        call->next->at = &call->next;
    ops->calls = call;
}

static struct operation_call *running(const struct operations *ops, uint64_t id)
{
    struct operation_call *call = ops->calls;
    while (call && call->id != id)
        call = call->next;
    return call;
}

static void execute(void *ctx, const struct operation_request *request,
                    const struct operation_observer *observer, uint64_t *id)
{
    struct operations *ops = ctx;
    struct entry *entry;
    struct operation_call *call = NULL;
    struct error err;
    if (begin(ops, request, &entry, &call, &err)) {
        if (id)
            *id = 0;
        observer->done(observer->arg, &err, (struct str){NULL, 0});
        return;
    }
    call->observer = *observer;
    link_call(ops, call);
    uint64_t mine = call->id;
    entry->operation->run(entry->domain, call);
    if (id)
        *id = running(ops, mine) ? mine : 0;
}

static void cancel(void *ctx, uint64_t id)
{
    struct operation_call *call = running(ctx, id);
    if (call)
        call->cancelled = true;
}

static bool at(void *ctx, size_t index, struct operation_facts *out)
{
    const struct operations *ops = ctx;
    if (index >= ops->count)
        return false;
    const struct operation *operation = ops->entries[index].operation;
    *out = (struct operation_facts){
        .name = str_from(operation->name),
        .title = str_from(operation->title),
        .description = str_from(operation->description),
        .arguments = str_from(operation->arguments),
        .effect = operation->effect,
    };
    return true;
}

int operations_new(const struct regex_port *regex, struct operations **out, struct error *err)
{
    struct operations *ops = calloc(1, sizeof(*ops));
    if (!ops)
        return error_set(err, ST_NOMEM, "out of memory");
    ops->regex = regex;
    ops->service = (struct operation_service){
        .ctx = ops, .execute = execute, .cancel = cancel, .at = at};
    *out = ops;
    return ST_OK;
}

void operations_free(struct operations *ops)
{
    if (!ops)
        return;
    while (ops->calls)
        call_end(ops->calls);
    for (size_t i = 0; i < ops->count; i++)
        schema_free(ops->entries[i].schema);
    free(ops->entries);
    free(ops);
}

/* There is room for it. */
static void insert(struct operations *ops, const struct operation *operation, void *domain)
{
    size_t i = ops->count++;
    while (i > 0 && strcmp(ops->entries[i - 1].operation->name, operation->name) > 0) {
        ops->entries[i] = ops->entries[i - 1];
        i--;
    }
    ops->entries[i] = (struct entry){.operation = operation, .domain = domain};
}

int operations_add(struct operations *ops, const struct operation *table, size_t count, void *domain,
                   struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (find(ops, str_from(table[i].name)))
            return error_set(err, ST_INVALID, "the operation %s is there twice", table[i].name);
    struct entry *entries = realloc(ops->entries, (ops->count + count) * sizeof(*entries));
    if (!entries)
        return error_set(err, ST_NOMEM, "out of memory");
    ops->entries = entries;
    for (size_t i = 0; i < count; i++)
        insert(ops, &table[i], domain);
    return ST_OK;
}

const struct operation_service *operations_service(struct operations *ops)
{
    return &ops->service;
}
