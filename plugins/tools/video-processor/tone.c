/*
 * SPDX-License-Identifier: MIT
 */
#include "tone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CODES 65536
#define STEPS 16384
/* Candelas per square metre of white paper (BT.2408), and at the top of PQ and HLG. */
#define WHITE 203.0
#define PQ_PEAK 10000.0
#define HLG_PEAK 1000.0
#define HLG_GAMMA 1.2
/* From here on bright parts are pressed together. */
#define KNEE 0.7f

struct tables {
    float light[CODES];       /* of a code: PQ in units of WHITE, HLG of the scene, 0 to 1 */
    unsigned char code[STEPS + 1]; /* of light 0 to 1, in sRGB */
};

bool tone_is_hdr(enum AVColorTransferCharacteristic transfer)
{
    return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

static double light_of_pq(double code)
{
    const double m1 = 2610.0 / 16384, m2 = 2523.0 / 32, c1 = 3424.0 / 4096, c2 = 2413.0 / 128,
                 c3 = 2392.0 / 128;
    double power = pow(code, 1 / m2);
    return pow(fmax(power - c1, 0) / (c2 - c3 * power), 1 / m1) * PQ_PEAK / WHITE;
}

static double light_of_hlg(double code)
{
    const double a = 0.17883277, b = 0.28466892, c = 0.55991073;
    return code <= 0.5 ? code * code / 3 : (exp((code - c) / a) + b) / 12;
}

static void fill(struct tables *t, bool pq)
{
    for (int i = 0; i < CODES; i++)
        t->light[i] = (float)(pq ? light_of_pq(i / 65535.0) : light_of_hlg(i / 65535.0));
    for (int i = 0; i <= STEPS; i++) {
        double light = (double)i / STEPS;
        double code = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
        t->code[i] = (unsigned char)lround(code * 255);
    }
}

/* HLG tells the light of the scene: a screen shows bright scenes with more contrast. */
static void show_scene(float rgb[3])
{
    double y = 0.2627 * rgb[0] + 0.678 * rgb[1] + 0.0593 * rgb[2];
    float factor = y > 0 ? (float)(pow(y, HLG_GAMMA - 1) * HLG_PEAK / WHITE) : 0;
    for (int i = 0; i < 3; i++)
        rgb[i] *= factor;
}

/* From the colours of BT.2020 to those of BT.709. */
static void narrow(const float in[3], float out[3])
{
    static const float matrix[3][3] = {{1.6605f, -0.5876f, -0.0728f},
                                       {-0.1246f, 1.1329f, -0.0083f},
                                       {-0.0182f, -0.1006f, 1.1187f}};
    for (int i = 0; i < 3; i++)
        out[i] = fmaxf(0, matrix[i][0] * in[0] + matrix[i][1] * in[1] + matrix[i][2] * in[2]);
}

/* All three by the same factor, so that the hue stays. */
static void press(float rgb[3])
{
    float most = fmaxf(rgb[0], fmaxf(rgb[1], rgb[2]));
    if (most <= KNEE)
        return;
    float above = most - KNEE, room = 1 - KNEE;
    float factor = (KNEE + room * above / (above + room)) / most;
    for (int i = 0; i < 3; i++)
        rgb[i] *= factor;
}

static void map_row(const struct tables *t, bool pq, const uint8_t *from, uint8_t *to, int width)
{
    for (int x = 0; x < width; x++) {
        uint16_t codes[3];
        float light[3], rgb[3];
        memcpy(codes, from + (size_t)x * sizeof(codes), sizeof(codes));
        for (int i = 0; i < 3; i++)
            light[i] = t->light[codes[i]];
        if (!pq)
            show_scene(light);
        narrow(light, rgb);
        press(rgb);
        for (int i = 0; i < 3; i++)
            to[x * 3 + i] = t->code[(int)(fminf(rgb[i], 1) * STEPS + 0.5f)];
    }
}

bool tone_map(const AVFrame *from, enum AVColorTransferCharacteristic transfer, AVFrame *to)
{
    struct tables *t = malloc(sizeof(*t));
    bool pq = transfer == AVCOL_TRC_SMPTE2084;
    if (!t)
        return false;
    fill(t, pq);
    for (int y = 0; y < to->height; y++)
        map_row(t, pq, from->data[0] + (ptrdiff_t)y * from->linesize[0],
                to->data[0] + (ptrdiff_t)y * to->linesize[0], to->width);
    free(t);
    return true;
}
