// Pictures for the test of examples/opencv_mat.cpp, as OpenCV reads them:
//
//     same_mat cut IN X Y WIDTH HEIGHT OUT      writes a part of a picture
//     same_mat veil IN OUT                      makes a color picture's columns transparent, none of them wholly
//     same_mat compare A B                      0 if the pixels are the same
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <opencv2/imgcodecs.hpp>

static cv::Mat read(const char *path) {
    return cv::imread(path, cv::IMREAD_UNCHANGED);
}

int main(int argc, char **argv) {
    if (argc == 8 && std::strcmp(argv[1], "cut") == 0) {
        const cv::Rect part(std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]), std::atoi(argv[6]));
        return cv::imwrite(argv[7], read(argv[2])(part)) ? 0 : 1;
    }
    if (argc == 4 && std::strcmp(argv[1], "veil") == 0) {
        const cv::Mat color = read(argv[2]);
        cv::Mat veiled(color.size(), CV_8UC4);
        for (int y = 0; y < color.rows; y++)
            for (int x = 0; x < color.cols; x++) {
                const cv::Vec3b &pixel = color.at<cv::Vec3b>(y, x);
                veiled.at<cv::Vec4b>(y, x) = {pixel[0], pixel[1], pixel[2], static_cast<uchar>(1 + x % 255)};
            }
        return cv::imwrite(argv[3], veiled) ? 0 : 1;
    }
    if (argc != 4 || std::strcmp(argv[1], "compare") != 0)
        return 2;
    const cv::Mat a = read(argv[2]), b = read(argv[3]);
    if (a.empty() || a.size() != b.size() || a.type() != b.type())
        return std::fprintf(stderr, "%dx%d of type %d, and %dx%d of type %d\n", a.cols, a.rows, a.type(), b.cols,
                            b.rows, b.type()),
               1;
    for (int y = 0; y < a.rows; y++)
        if (std::memcmp(a.ptr(y), b.ptr(y), a.elemSize() * static_cast<size_t>(a.cols)) != 0)
            return std::fprintf(stderr, "they differ in row %d\n", y), 1;
}
