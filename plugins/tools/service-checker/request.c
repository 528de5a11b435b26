/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TARGET_BYTES_MAX 2048

const char *const check_types[] = {"tcp", "http", "https", "dns", NULL};

static const uint16_t usual_ports[] = {[CHECK_TCP] = 0, [CHECK_HTTP] = 80, [CHECK_HTTPS] = 443, [CHECK_DNS] = 443};

/* Digits up to 65535; 0 if it is none. */
static uint16_t port_of(const char *text, size_t len)
{
    unsigned long port = 0;
    if (len == 0 || len > 5 || strspn(text, "0123456789") < len)
        return 0;
    for (size_t i = 0; i < len; i++)
        port = port * 10 + (unsigned long)(text[i] - '0');
    return port > 65535 ? 0 : (uint16_t)port;
}

/* "host", "host:port", "[address]:port" or an address of IPv6 alone, `len` bytes. */
static bool read_host(const char *text, size_t len, struct target_of_check *out)
{
    const char *host = text, *end = text + len, *colon = memchr(text, ':', len);
    size_t host_len = len;
    if (len && text[0] == '[') {
        const char *close = memchr(text, ']', len);
        if (!close)
            return false;
        host = text + 1;
        host_len = (size_t)(close - host);
        colon = close + 1 < end ? close + 1 : NULL;
        if (colon && *colon != ':')
            return false;
    } else if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1))) {
        colon = NULL;
    } else if (colon) {
        host_len = (size_t)(colon - text);
    }
    if (colon && (out->port = port_of(colon + 1, (size_t)(end - colon - 1))) == 0)
        return false;
    if (host_len == 0 || host_len > HOST_MAX)
        return false;
    for (size_t i = 0; i < host_len; i++)
        if (host[i] <= ' ' || host[i] >= 0x7f || strchr("/?#@\\\"<>", host[i]))
            return false;
    memcpy(out->host, host, host_len);
    out->host[host_len] = '\0';
    return true;
}

/* A URL of the right scheme, or a host, of which a URL is made. */
static bool read_url(struct args *args, const char *scheme, struct target_of_check *out)
{
    const char *text = out->text, *sign = strstr(text, "://");
    if (sign && ((size_t)(sign - text) != strlen(scheme) || strncasecmp(text, scheme, strlen(scheme)) != 0))
        return false;
    const char *host = sign ? sign + 3 : text;
    size_t host_len = strcspn(host, "/?#");
    if (!read_host(host, host_len, out))
        return false;
    char *url = args_memory(args, strlen(text) + strlen(scheme) + 8);
    bool bare = !sign && host[0] != '[' && strchr(out->host, ':');
    if (!url)
        return false;
    if (sign)
        snprintf(url, strlen(text) + 1, "%s", text);
    else
        snprintf(url, strlen(text) + strlen(scheme) + 8, bare ? "%s://[%s]/" : "%s://%s", scheme, text);
    out->url = url;
    return true;
}

static void read_target(struct args *args, struct request *q, const char *text)
{
    struct target_of_check *target = &q->targets[q->count];
    *target = (struct target_of_check){.text = text};
    bool web = q->type == CHECK_HTTP || q->type == CHECK_HTTPS;
    bool ok = web ? read_url(args, check_types[q->type], target) : read_host(text, strlen(text), target);
    if (!ok) {
        args_fail(args, HEXMCP_E_INVALID,
                  web ? "target: \"%.200s\" is no URL of %s and no host; give \"%s://host/path\" or \"host:port\""
                      : "target: \"%.200s\" is no host; give \"host:port\" for tcp and \"host\" for dns",
                  text, check_types[q->type], check_types[q->type]);
        return;
    }
    if (!target->port)
        target->port = usual_ports[q->type];
    if (!target->port)
        args_fail(args, HEXMCP_E_INVALID, "target: \"%.200s\" has no port; give \"host:port\"", text);
    q->count++;
}

int32_t request_read(struct args *args, struct request *q)
{
    size_t count;
    *q = (struct request){.count = 0};
    q->type = (enum check_type)args_choice(args, "check_type", check_types, CHECK_TCP);
    const char *target = args_text(args, "target", TARGET_BYTES_MAX, NULL);
    const char *const *targets = args_texts(args, "targets", TARGETS_MAX, TARGET_BYTES_MAX, &count);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 30000, 5000);
    q->retries = (int)args_int(args, "retries", 0, 2, 2);
    q->expected_status = (int)args_int(args, "expected_status", 100, 599, 0);
    if (!args_has(args, "check_type"))
        args_fail(args, HEXMCP_E_INVALID, "check_type is missing; give tcp, http, https or dns");
    if (args_status(args) == HEXMCP_OK && !target == !count)
        args_fail(args, HEXMCP_E_INVALID, "give target, or targets with 1 to %d of them", TARGETS_MAX);
    if (args_status(args) == HEXMCP_OK && target)
        read_target(args, q, target);
    for (size_t i = 0; i < count && args_status(args) == HEXMCP_OK; i++)
        read_target(args, q, targets[i]);
    return args_status(args);
}
