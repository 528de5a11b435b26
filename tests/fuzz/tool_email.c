/* email-sender: any bytes as an address, a rule, a page, and as the texts of a message, which must stay one. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/json.h"
#include "kit/encode.h"
#include "plugins/tools/email-sender/message.h"
#include "plugins/tools/email-sender/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lines end with CRLF, none is too long, and all is printable ASCII, but for an address that is not. */
static void check_lines(const struct bytes *mail, bool ascii)
{
    assert(is_utf8(bytes_str(mail)));
    size_t column = 0;
    for (size_t i = 0; i < mail->len; i++) {
        unsigned char c = (unsigned char)mail->ptr[i];
        assert((c < 0x7f || (!ascii && c >= 0x80)) && (c >= ' ' || c == '\t' || c == '\r' || c == '\n'));
        assert(c != '\n' || (i > 0 && mail->ptr[i - 1] == '\r'));
        assert(c != '\r' || (i + 1 < mail->len && mail->ptr[i + 1] == '\n'));
        column = c == '\n' ? 0 : column + 1;
        assert(column <= 998);
    }
}

/* The headers are those that were asked for, in their order, whatever stands in them. */
static void check_head(const struct bytes *mail)
{
    static const char *const names[] = {"Date: ", "From: ", "To: ", "Subject: ", "Message-ID: ", "MIME-Version: ",
                                        "Content-Type: "};
    const char *at = mail->ptr;
    size_t found = 0;
    while (strncmp(at, "\r\n", 2) != 0) {
        if (*at != ' ') {
            assert(found < sizeof(names) / sizeof(*names) || strncmp(at, "Content-Transfer", 16) == 0);
            if (found < sizeof(names) / sizeof(*names))
                assert(strncmp(at, names[found], strlen(names[found])) == 0);
            found++;
        }
        at = strstr(at, "\r\n") + 2;
    }
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

static void write(const struct address *a, const char *text)
{
    struct bytes mail = {0}, page = {0};
    bool plain = !has_control(text);
    struct attachment file = {plain ? text : "a", message_type(text), {text, strlen(text)}};
    struct message m = {.from = a, .to = a, .to_count = 1, .subject = plain ? text : "s", .text = text,
                        .html = text, .attachments = &file, .attachment_count = 1, .id = "x@y",
                        .boundary = "0123456789abcdef0123456789abcdef"};
    assert(message_strip(text, &page));
    assert(message_write(&m, &mail));
    check_lines(&mail, address_is_ascii(a));
    check_head(&mail);
    bytes_free(&mail);
    bytes_free(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address a = {.mail = "ann@example.org"}, read;
    char *text = strndup((const char *)data, size);
    char date[SIGN_DATE_ROOM], signature[SIGN_ROOM];
    if (address_read(text, &read) == NULL) {
        assert(!has_control(read.mail) && !has_control(read.name) && strchr(read.mail, '@'));
        assert(address_allowed("*", read.mail));
        char same[ADDRESS_MOST + 1];
        assert(!address_rule_read(read.mail, same) || address_allowed(same, read.mail));
        a = read;
    }
    char rule[ADDRESS_MOST + 1];
    if (address_rule_read(text, rule))
        address_allowed(rule, a.mail);
    sign_v4(&(struct sign){.url = text, .region = "r", .service = "s", .key_id = "k", .secret = "x",
                           .body = {text, strlen(text)}},
            date, signature);
    if (is_utf8(hexmcp_str_from(text)))
        write(&a, text);
    free(text);
    return 0;
}
