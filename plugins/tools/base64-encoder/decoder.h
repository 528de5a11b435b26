/*
 * decoder.h - base64 of RFC 4648 to bytes, in pieces, with the place of whatever does not fit.
 *
 * SPDX-License-Identifier: MIT
 *
 * libsodium decodes; the walk over the characters is here, because a library that takes a whole
 * text neither says what is wrong nor takes a text in pieces.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Most characters of one decoder_feed(). */
#define DECODER_PIECE ((size_t)32 * 1024)
/* Room for the bytes of one decoder_feed() or of decoder_end(). */
#define DECODER_ROOM (DECODER_PIECE / 4 * 3 + 3)

enum decoder_padding { PADDING_FREE, PADDING_REQUIRED, PADDING_REFUSED };

enum decoder_fault {
    FAULT_NONE,
    FAULT_FOREIGN,        /* a character of no alphabet                                  */
    FAULT_OTHER_ALPHABET, /* a character of the other alphabet only                      */
    FAULT_LINE_BREAK,     /* a line break, and they are refused                          */
    FAULT_PADDING,        /* a '=' where none can be                                     */
    FAULT_REFUSED,        /* a '=', and padding is refused                               */
    FAULT_AFTER_PADDING,  /* a character behind a '='                                    */
    FAULT_CUT,            /* the text ends after one character of a group of four        */
    FAULT_UNPADDED,       /* the text ends without the padding that is required or begun */
    FAULT_BITS            /* the last character has bits that stand for no byte          */
};

/*
 *   url_safe     1 for the alphabet with - and _, 0 for that with + and /
 *   line_breaks  1 to pass over CR and LF
 *   fault        what is wrong; nothing more is decoded then
 *   position     where: the offset in bytes from the start of the text; its length at the end
 *   wrong        the byte there, where there is one
 * The rest is private.
 */
struct decoder {
    int url_safe;
    int line_breaks;
    enum decoder_padding padding;
    enum decoder_fault fault;
    unsigned char wrong;
    uint64_t position;
    uint64_t last;
    unsigned pads;
    size_t count;
    char group[DECODER_PIECE + 4];
};

void decoder_init(struct decoder *decoder, int url_safe, enum decoder_padding padding,
                  int line_breaks);

/* Decodes `len` (at most DECODER_PIECE) more characters to `bytes`, DECODER_ROOM of room, and
 * returns how many bytes that gave. A fault ends it; bytes before the fault may be left out. */
size_t decoder_feed(struct decoder *decoder, const char *text, size_t len, uint8_t *bytes);

/* The text is over: the same for what is left. */
size_t decoder_end(struct decoder *decoder, uint8_t *bytes);
