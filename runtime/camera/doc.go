// Package camera reads cameras through Video4Linux 2. Frames flow out, MJPEG or YUYV,
// and become RGB pixels; the newest frame is taken, so that whoever looks seldom sees
// what is there now. There are no cameras on other systems than Linux.
package camera
