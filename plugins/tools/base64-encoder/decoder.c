/*
 * SPDX-License-Identifier: MIT
 */
#include "decoder.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

void decoder_init(struct decoder *decoder, int url_safe, enum decoder_padding padding,
                  int line_breaks)
{
    decoder->url_safe = url_safe;
    decoder->line_breaks = line_breaks;
    decoder->padding = padding;
    decoder->fault = FAULT_NONE;
    decoder->wrong = 0;
    decoder->position = 0;
    decoder->last = 0;
    decoder->pads = 0;
    decoder->count = 0;
}

static int in_alphabet(int url_safe, unsigned char c)
{
    return (c < 0x80 && isalnum(c)) || (url_safe ? c == '-' || c == '_' : c == '+' || c == '/');
}

/* A group may end in one or two: "xx==" and "xxx=". */
static enum decoder_fault take_pad(struct decoder *decoder)
{
    size_t in_group = decoder->count % 4;
    if (decoder->padding == PADDING_REFUSED)
        return FAULT_REFUSED;
    if (in_group < 2 || in_group + decoder->pads >= 4)
        return FAULT_PADDING;
    decoder->pads++;
    return FAULT_NONE;
}

static enum decoder_fault take(struct decoder *decoder, unsigned char c)
{
    if (c == '\r' || c == '\n')
        return decoder->line_breaks ? FAULT_NONE : FAULT_LINE_BREAK;
    if (c == '=')
        return take_pad(decoder);
    if (!in_alphabet(decoder->url_safe, c))
        return in_alphabet(!decoder->url_safe, c) ? FAULT_OTHER_ALPHABET : FAULT_FOREIGN;
    if (decoder->pads > 0)
        return FAULT_AFTER_PADDING;
    decoder->group[decoder->count++] = (char)c;
    decoder->last = decoder->position;
    return FAULT_NONE;
}

/* Decodes the first `count` kept characters. Only bits left over can be wrong in them. */
static size_t flush(struct decoder *decoder, size_t count, uint8_t *bytes)
{
    size_t len = 0;
    int variant = decoder->url_safe ? sodium_base64_VARIANT_URLSAFE_NO_PADDING
                                    : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    if (sodium_base642bin(bytes, DECODER_ROOM, decoder->group, count, NULL, &len, NULL, variant) !=
        0) {
        decoder->fault = FAULT_BITS;
        decoder->position = decoder->last;
        decoder->wrong = (unsigned char)decoder->group[count - 1];
        return 0;
    }
    decoder->count -= count;
    memmove(decoder->group, decoder->group + count, decoder->count);
    return len;
}

size_t decoder_feed(struct decoder *decoder, const char *text, size_t len, uint8_t *bytes)
{
    for (size_t i = 0; i < len && decoder->fault == FAULT_NONE; i++) {
        decoder->wrong = (unsigned char)text[i];
        decoder->fault = take(decoder, decoder->wrong);
        decoder->position += decoder->fault == FAULT_NONE;
    }
    size_t whole = decoder->count - decoder->count % 4;
    return decoder->fault == FAULT_NONE && whole > 0 ? flush(decoder, whole, bytes) : 0;
}

size_t decoder_end(struct decoder *decoder, uint8_t *bytes)
{
    size_t rest = decoder->count;
    if (decoder->fault != FAULT_NONE || rest == 0)
        return 0;
    if (rest == 1)
        decoder->fault = FAULT_CUT;
    else if (rest + decoder->pads != 4 &&
             (decoder->pads > 0 || decoder->padding == PADDING_REQUIRED))
        decoder->fault = FAULT_UNPADDED;
    return decoder->fault == FAULT_NONE ? flush(decoder, rest, bytes) : 0;
}
