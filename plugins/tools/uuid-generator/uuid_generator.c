/* The tool `uuid-generator`: reads the arguments, runs the operation, writes the answer. */
#include <stdbool.h>
#include <time.h>

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"
#include "kit/args.h"
#include "text.h"
#include "time_uuid.h"

#define MAX_NAME 4096 /* characters; of at most four bytes */
#define MAX_AFFIX 64

/* One argument as text; empty if it is not given. False if it does not fit or holds NUL. */
static bool read_text(hexmcp_str args, const char *key, char *out, size_t cap, size_t *ret_len)
{
    hexmcp_str value;
    out[0] = '\0';
    *ret_len = 0;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return true;
    if (hexmcp_json_string(value, out, cap, NULL) != HEXMCP_OK)
        return false;
    *ret_len = strlen(out);
    return true;
}

static int read_flag(hexmcp_str args, const char *key)
{
    hexmcp_str value;
    int flag = 0;
    if (hexmcp_json_get(args, key, &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &flag);
    return flag;
}

static int32_t read_format(hexmcp_str args, enum uuid_format *ret_format, hexmcp_error *err)
{
    char text[16];
    size_t len;
    *ret_format = UUID_STANDARD;
    if (!read_text(args, "format", text, sizeof(text), &len) ||
        (len > 0 && !uuid_format_find(text, ret_format)))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "unknown format; use standard, simple, urn or braced");
    return HEXMCP_OK;
}

static int32_t make_v5(hexmcp_str args, uuid_t out, hexmcp_error *err)
{
    char namespace_text[64], name[MAX_NAME * 4 + 1];
    size_t namespace_len, name_len;
    hexmcp_str value;
    uuid_t namespace_uuid;
    bool is_text = read_text(args, "namespace", namespace_text, sizeof(namespace_text), &namespace_len);
    if (is_text && namespace_len == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "a v5 UUID needs `namespace`; use dns, url, oid, x500, agent, tool, "
                           "workflow or a UUID");
    if (!is_text)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "namespace is no text that can be a namespace; use dns, url, oid, x500, "
                           "agent, tool, workflow or a UUID");
    if (!uuid_namespace(namespace_text, namespace_len, namespace_uuid))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "namespace \"%s\" is unknown; use dns, url, oid, x500, agent, tool, "
                           "workflow or a UUID",
                           namespace_text);
    if (hexmcp_json_get(args, "name", &value) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "a v5 UUID needs `name`; the same name gives the same UUID");
    if (hexmcp_json_string(value, name, sizeof(name), &name_len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "`name` has more than %d characters; hash it first", MAX_NAME);
    uuid_generate_sha1(out, namespace_uuid, name, name_len);
    return HEXMCP_OK;
}

static int32_t make_timed(int (*make)(uuid_t), uuid_t out, hexmcp_error *err)
{
    if (make(out) < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "the system gives no random bytes; try again");
    return HEXMCP_OK;
}

static int32_t make_version(hexmcp_str args, const char *version, uuid_t out, hexmcp_error *err)
{
    hexmcp_str unused;
    if (strcmp(version, "v5") == 0)
        return make_v5(args, out, err);
    if (hexmcp_json_get(args, "name", &unused) == HEXMCP_OK ||
        hexmcp_json_get(args, "namespace", &unused) == HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s UUIDs are not made from a name; use version v5, or leave `name` and "
                           "`namespace` out",
                           version);
    if (strcmp(version, "v1") == 0)
        return make_timed(uuid_v1_new, out, err);
    if (strcmp(version, "v7") == 0)
        return make_timed(uuid_v7_new, out, err);
    uuid_generate_random(out);
    return HEXMCP_OK;
}

static int32_t write_uuid(hexmcp_json_writer *w, hexmcp_str args, const char *operation,
                          const char *version, hexmcp_error *err)
{
    char text[UUID_TEXT_CAPACITY];
    enum uuid_format format;
    uuid_t uuid;
    int32_t status = read_format(args, &format, err);
    if (status == HEXMCP_OK)
        status = make_version(args, version, uuid, err);
    if (status != HEXMCP_OK)
        return status;
    uuid_to_text(uuid, format, text);
    hexmcp_json_put_text(w, "operation", operation);
    hexmcp_json_put_text(w, "uuid", text);
    hexmcp_json_put_text(w, "version", version);
    hexmcp_json_put_text(w, "format", uuid_format_name(format));
    return HEXMCP_OK;
}

static int32_t run_generate(hexmcp_json_writer *w, hexmcp_str args, hexmcp_error *err)
{
    static const char *const versions[] = {"v1", "v4", "v5", "v7"};
    hexmcp_str value;
    if (hexmcp_json_get(args, "version", &value) != HEXMCP_OK)
        return write_uuid(w, args, "generate", "v4", err);
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (hexmcp_json_equals(value, versions[i]))
            return write_uuid(w, args, "generate", versions[i], err);
    return hexmcp_fail(err, HEXMCP_E_INVALID, "unknown version; use v1, v4, v5 or v7");
}

static int32_t run_deterministic(hexmcp_json_writer *w, hexmcp_str args, hexmcp_error *err)
{
    return write_uuid(w, args, "deterministic", "v5", err);
}

/* Letters, digits, point, hyphen and underscore, as the schema says; an id travels everywhere. */
static int32_t read_affix(hexmcp_str args, const char *key, char out[MAX_AFFIX + 1],
                          hexmcp_error *err)
{
    size_t len;
    if (!read_text(args, key, out, MAX_AFFIX + 1, &len) ||
        strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") != len)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "`%s` must be at most %d of A-Z a-z 0-9 . - _", key, MAX_AFFIX);
    return HEXMCP_OK;
}

static void current_time(char out[24])
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(out, 24, "%Y%m%dT%H%M%SZ", &utc);
}

/* [prefix_][time_]uuid[_suffix]; `short` keeps the first eight digits of the UUID. */
static void write_id(hexmcp_json_writer *w, hexmcp_str args, const char *prefix, const char *suffix)
{
    char text[UUID_TEXT_CAPACITY], when[24] = "", id[256];
    uuid_t uuid;
    uuid_generate_random(uuid);
    uuid_to_text(uuid, UUID_STANDARD, text);
    if (read_flag(args, "short"))
        text[8] = '\0';
    if (read_flag(args, "timestamp"))
        current_time(when);
    snprintf(id, sizeof(id), "%s%s%s%s%s%s%s", prefix, *prefix ? "_" : "", when, *when ? "_" : "",
             text, *suffix ? "_" : "", suffix);
    hexmcp_json_put_text(w, "id", id);
}

static int32_t run_component_id(hexmcp_json_writer *w, hexmcp_str args, hexmcp_error *err)
{
    char prefix[MAX_AFFIX + 1];
    int32_t status = read_affix(args, "prefix", prefix, err);
    if (status != HEXMCP_OK)
        return status;
    if (!*prefix)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "component_id needs `prefix`, the kind of the component, for example "
                           "agent");
    hexmcp_json_put_text(w, "operation", "component_id");
    write_id(w, args, prefix, "");
    return HEXMCP_OK;
}

static int32_t run_custom(hexmcp_json_writer *w, hexmcp_str args, hexmcp_error *err)
{
    char prefix[MAX_AFFIX + 1], suffix[MAX_AFFIX + 1];
    int32_t status = read_affix(args, "prefix", prefix, err);
    if (status == HEXMCP_OK)
        status = read_affix(args, "suffix", suffix, err);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(w, "operation", "custom");
    write_id(w, args, prefix, suffix);
    return HEXMCP_OK;
}

static const char *variant_name(const uuid_t uuid)
{
    if (uuid[8] < 0x80)
        return "ncs";
    if (uuid[8] < 0xC0)
        return "rfc9562";
    return uuid[8] < 0xE0 ? "microsoft" : "future";
}

static bool is_max(const uuid_t uuid)
{
    for (size_t i = 0; i < sizeof(uuid_t); i++)
        if (uuid[i] != 0xFF)
            return false;
    return true;
}

/* The version has a meaning only in the variant of RFC 9562. */
static void version_name(const uuid_t uuid, char out[8])
{
    unsigned version = uuid[6] >> 4;
    if (uuid_is_null(uuid))
        memcpy(out, "nil", 4);
    else if (is_max(uuid))
        memcpy(out, "max", 4);
    else if ((uuid[8] & 0xC0) == 0x80 && version >= 1 && version <= 8)
        snprintf(out, 8, "v%u", version & 15);
    else
        memcpy(out, "unknown", 8);
}

/* The time in a v1 or v7 UUID, for a person. */
static void write_time(hexmcp_json_writer *w, const uuid_t uuid)
{
    char text[48], zone[16];
    int64_t ms = uuid_time_ms(uuid);
    int64_t part = ((ms % 1000) + 1000) % 1000;
    time_t seconds = (time_t)((ms - part) / 1000);
    struct tm utc;
    if (!gmtime_r(&seconds, &utc))
        return;
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(zone, sizeof(zone), ".%03dZ", (int)part);
    strncat(text, zone, sizeof(text) - strlen(text) - 1);
    hexmcp_json_put_text(w, "time", text);
}

static void write_details(hexmcp_json_writer *w, const uuid_t uuid, enum uuid_format format)
{
    char text[UUID_TEXT_CAPACITY], version[8];
    uuid_to_text(uuid, UUID_STANDARD, text);
    version_name(uuid, version);
    hexmcp_json_put_text(w, "uuid", text);
    hexmcp_json_put_text(w, "version", version);
    hexmcp_json_put_text(w, "variant", variant_name(uuid));
    hexmcp_json_put_text(w, "format", uuid_format_name(format));
    if (strcmp(version, "v1") == 0 || strcmp(version, "v7") == 0)
        write_time(w, uuid);
}

static int32_t run_validate(hexmcp_json_writer *w, hexmcp_str args, hexmcp_error *err)
{
    char text[64];
    hexmcp_str value;
    enum uuid_format format;
    uuid_t uuid;
    size_t len;
    bool valid;
    if (hexmcp_json_get(args, "uuid", &value) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "validate needs `uuid`, the text to check");
    valid = hexmcp_json_string(value, text, sizeof(text), &len) == HEXMCP_OK &&
            uuid_from_text(text, len, uuid, &format);
    hexmcp_json_put_text(w, "operation", "validate");
    hexmcp_json_put_bool(w, "valid", valid);
    if (valid)
        write_details(w, uuid, format);
    else
        hexmcp_json_put_text(w, "error",
                             "not a UUID: 32 hexadecimal digits are needed, plain or as "
                             "8-4-4-4-12, also in {} or after urn:uuid:");
    return HEXMCP_OK;
}

enum operation { GENERATE, DETERMINISTIC, CUSTOM, COMPONENT_ID, VALIDATE };

static const char *const names[] = {"generate", "deterministic", "custom", "component_id", "validate", NULL};

static const struct args_taker takers[] = {
    {"namespace", 1 << GENERATE | 1 << DETERMINISTIC}, {"name", 1 << GENERATE | 1 << DETERMINISTIC},
    {"prefix", 1 << CUSTOM | 1 << COMPONENT_ID},       {"suffix", 1 << CUSTOM},
    {"short", 1 << CUSTOM | 1 << COMPONENT_ID},        {"timestamp", 1 << CUSTOM | 1 << COMPONENT_ID},
    {"uuid", 1 << VALIDATE},                           {NULL, 0},
};

static int32_t run_operation(hexmcp_json_writer *w, hexmcp_str args_json, hexmcp_error *err)
{
    static int32_t (*const run[])(hexmcp_json_writer *, hexmcp_str, hexmcp_error *) = {
        run_generate, run_deterministic, run_custom, run_component_id, run_validate};
    struct args args = args_begin(args_json, err);
    size_t operation = args_choice(&args, "operation", names, GENERATE);
    args_refuse(&args, takers, names, operation);
    int32_t status = args_status(&args);
    args_end(&args);
    return status == HEXMCP_OK ? run[operation](w, args_json, err) : status;
}

static int32_t write_result(void *arg, hexmcp_json_writer *w, hexmcp_error *err)
{
    const hexmcp_str *args = arg;
    hexmcp_json_begin_object(w);
    int32_t status = run_operation(w, *args, err);
    hexmcp_json_end_object(w);
    return status;
}

static int32_t uuid_generator(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool,
                              hexmcp_str args, hexmcp_error *err)
{
    (void)tool;
    return hexmcp_complete_written(host, call, write_result, &args, err);
}

HEXMCP_SIMPLE_DEFINE("hexmcp.uuid-generator", "0.1.0", uuid_generator);
