// Package train fits a model to what people said of photos: their labels, and
// where they looked.
//
// A model and a data set flow in. [Prepare] turns the model into a float network
// whose weights are inputs; package loss appends what is to become small, and
// package graph its gradient, through the heat map too; [Stepper] runs that graph
// on a batch, and package optim changes the weights. [Trainer] does so over epochs,
// keeps checkpoints, and gives a model back.
//
// Every number on the way is the same on every processor and for any number of
// threads, and a run that was interrupted and resumed gives the bytes of one that
// was not.
package train
